/** Why the run ledger may have nothing of a run that was published, each cause with the command that shows it. */
export function causesOfSilence(environmentName: string, runId: string): string[] {
  return [
    `the function may not be deployed, or its subscription may be missing: npm run doctor -- ${environmentName}`,
    `the function may not reach the run ledger, and run unrecorded: npm run logs -- ${environmentName} ${runId}`,
  ]
}
