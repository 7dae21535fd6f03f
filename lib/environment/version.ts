import manifest from '../../package.json' with {type: 'json'}

/** The release of these jobs, in the ledger, the user agent and Error Reporting. */
export const version: string = manifest.version
