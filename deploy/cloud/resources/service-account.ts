import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import {accountPrefix} from './names.ts'
import type {Kind} from './resource-type.ts'

const schema = z.array(
  z.object({email: z.string(), displayName: z.string().default(''), disabled: z.boolean().default(false)}),
)

export const serviceAccount: Kind = {
  name: 'service-account',
  api: 'iam.googleapis.com',
  async read({gcloud, projectId}) {
    const accounts = await readJson(gcloud, schema, ['iam', 'service-accounts', 'list'])
    return accounts
      .filter(({email}) => email.endsWith(`@${projectId}.iam.gserviceaccount.com`))
      .map(({email, displayName, disabled}) => ({
        kind: 'service-account',
        name: email.replace(/@.*/, ''),
        handle: email,
        fields: {title: displayName, ...(disabled ? {state: 'disabled'} : {})},
      }))
  },
  create: ({name, fields}) => [
    {gcloud: ['iam', 'service-accounts', 'create', name, `--display-name=${fields['title']}`]},
  ],
  update({name, fields}, changes, {handle}) {
    const email = handle ?? name
    return changes.map(({field}) => ({
      gcloud:
        field === 'state'
          ? ['iam', 'service-accounts', 'enable', email]
          : ['iam', 'service-accounts', 'update', email, `--display-name=${fields['title']}`],
    }))
  },
  remove: ({handle, name}) => [{gcloud: ['iam', 'service-accounts', 'delete', handle ?? name]}],
  isOurs: ({name, fields}) => name.startsWith(accountPrefix) && (fields['title'] ?? '').startsWith(accountTitle('')),
}

/** How this project's accounts are told from others. */
export function accountTitle(whose: string): string {
  return `CloudAct scheduler jobs: ${whose}`
}
