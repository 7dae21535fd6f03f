import type {Plan, Step} from './plan.ts'

/** What a deployment has made so far, and so what Google may not know everywhere yet. */
export type Made = {
  readonly add: (step: Step) => void
  /** Whether a refusal is about something that this deployment made. */
  readonly mentions: (refusal: string) => boolean
}

/** An API that is off, which one that was just enabled seems to be for a while. Source: Service Usage, "Troubleshooting". */
const apiIsOff = /SERVICE_DISABLED|has not been used in project|is not enabled on project/i

/** Google's own accounts, which come with an API. */
const googlesOwn = /@gcp-sa-[a-z-]+\.iam\.gserviceaccount\.com|@[a-z-]+-robot\.iam\.gserviceaccount\.com/

/** Functions' images go there; Google creates it with the first function. */
const imageRepository = 'gcf-artifacts'

export function createMade(plan: Plan): Made {
  const names = new Set<string>()
  let hasEnabledApis = false
  // The repository is there once a function is; until then, every deployment waits for the one that Google creates.
  if (!plan.kept.some(id => id.startsWith('function ')) && plan.steps.some(isNewFunction)) names.add(imageRepository)
  return {
    add(step) {
      if (step.action === 'remove') return
      if (step.type === 'api') hasEnabledApis = true
      else if (step.action !== 'change') names.add(step.knownAs)
    },
    mentions(refusal) {
      if (hasEnabledApis && (apiIsOff.test(refusal) || googlesOwn.test(refusal))) return true
      return [...names].some(name => mentions(refusal, name))
    },
  }
}

function isNewFunction({type, action}: Step): boolean {
  return type === 'function' && action === 'create'
}

/** The whole name: `job-a` isn't mentioned where `job-a-b` is. */
function mentions(text: string, name: string): boolean {
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    const isWhole = !/[\w-]/.test(text[at - 1] ?? '') && !/[\w-]/.test(text[at + name.length] ?? '')
    if (isWhole) return true
  }
  return false
}
