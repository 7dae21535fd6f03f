import * as z from 'zod'
import type {Gcloud} from '../gcloud/gcloud.ts'
import {readJson} from '../gcloud/read-json.ts'
import type {ResourceType} from './resource-type.ts'

const schema = z.array(
  z.object({
    name: z.string(),
    type: z.string(),
    enabled: z.boolean().default(true),
    labels: z.record(z.string(), z.string()).default({}),
  }),
)

/** Where alerts go: an e-mail address, or a Slack channel, which only a person can connect. */
export const channel: ResourceType<'channel'> = {
  name: 'channel',
  api: 'monitoring.googleapis.com',
  read: ({gcloud}) => readChannels(gcloud),
  create({name}) {
    const [type, address] = name.split(/:(.*)/)
    if (type !== 'email') return []
    return [
      {
        gcloud: [
          'beta',
          'monitoring',
          'channels',
          'create',
          '--type=email',
          `--display-name=CloudAct scheduler jobs`,
          `--channel-labels=email_address=${address}`,
        ],
      },
    ]
  },
  update: (_, __, {address}) => [{gcloud: ['beta', 'monitoring', 'channels', 'update', address ?? '', '--enabled']}],
  fix: ({name}, projectId) =>
    `connect Slack's ${name.replace(/^slack:/, '')} in https://console.cloud.google.com/monitoring/alerting/notifications?project=${projectId}, then deploy again`,
  async readAddress(name, gcloud) {
    const created = (await readChannels(gcloud)).find(channel => channel.name === name)
    if (created === undefined) throw new Error(`the notification channel ${name} is not listed: deploy again`)
    return created.address
  },
}

async function readChannels(gcloud: Gcloud) {
  const channels = await readJson(gcloud, schema, ['beta', 'monitoring', 'channels', 'list'])
  return channels.flatMap(({name, type, labels, enabled}) => {
    const address = type === 'email' ? labels['email_address'] : type === 'slack' ? labels['channel_name'] : undefined
    if (address === undefined) return []
    const fields = {state: enabled ? 'enabled' : 'disabled'}
    return {type: 'channel' as const, name: `${type}:${address}`, address: name, fields}
  })
}
