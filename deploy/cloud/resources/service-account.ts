import * as z from 'zod'
import {readJson} from '../gcloud/read-json.ts'
import {accountEmail, accountPrefix} from '../names/names.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(
  z.object({email: z.string(), displayName: z.string().default(''), disabled: z.boolean().default(false)}),
)

export const serviceAccount: ResourceType<'service-account'> = {
  name: 'service-account',
  api: 'iam.googleapis.com',
  async read({gcloud, projectId}) {
    const accounts = await readJson(gcloud, schema, ['iam', 'service-accounts', 'list'])
    return accounts
      .filter(({email}) => email.endsWith(`@${projectId}.iam.gserviceaccount.com`))
      .map(({email, displayName, disabled}) => ({
        type: 'service-account',
        name: email.replace(/@.*/, ''),
        address: email,
        fields: {title: displayName, ...(disabled ? {state: 'disabled'} : {})},
      }))
  },
  create: ({name, fields}) => [
    {gcloud: ['iam', 'service-accounts', 'create', name, `--display-name=${fields['title']}`]},
  ],
  update({name, fields}, changes, {address}) {
    const email = address ?? name
    return changes.map(({field}) => ({
      gcloud:
        field === 'state'
          ? ['iam', 'service-accounts', 'enable', email]
          : ['iam', 'service-accounts', 'update', email, `--display-name=${fields['title']}`],
    }))
  },
  remove: ({address, name}) => [{gcloud: ['iam', 'service-accounts', 'delete', address ?? name]}],
  knownAs: ({name}, projectId) => accountEmail(name, projectId),
  isOurs: ({name, fields}) => name.startsWith(accountPrefix) && (fields['title'] ?? '').startsWith(accountTitle('')),
}

/** By this, this project's accounts are recognized. */
export function accountTitle(whose: string): string {
  return `CloudAct scheduler jobs: ${whose}`
}
