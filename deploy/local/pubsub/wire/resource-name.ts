import {StatusError} from './status-error.ts'

/** What Google puts in a subscription's `topic` once that topic is deleted. */
export const deletedTopicName = '_deleted-topic_'

/** 3 to 255 characters, a letter first, not `goog…`: https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names */
const resourceId = /^(?!goog)[A-Za-z][A-Za-z0-9\-_.~+%]{2,254}$/

/** @throws StatusError INVALID_ARGUMENT when `name` is not `projects/{project}/{collection}/{id}` with a valid id. */
export function parseResourceName(collection: 'topics' | 'subscriptions', name: string): string {
  const [root, project, kind, id, ...more] = name.split('/')
  const isValid =
    root === 'projects' &&
    project !== undefined &&
    project !== '' &&
    kind === collection &&
    id !== undefined &&
    resourceId.test(id) &&
    more.length === 0
  if (!isValid) throw new StatusError('INVALID_ARGUMENT', `Invalid [${collection}] name: (name=${name})`)
  return name
}

/** The project and the last part of a full resource name. */
export function splitResourceName(name: string): {project: string; id: string} {
  const [, project = '', , id = ''] = name.split('/')
  return {project, id}
}

export function notFound(name: string): StatusError {
  return new StatusError('NOT_FOUND', `Resource not found (resource=${splitResourceName(name).id || name}).`)
}

export function alreadyExists(name: string): StatusError {
  return new StatusError(
    'ALREADY_EXISTS',
    `Resource already exists in the project (resource=${splitResourceName(name).id}).`,
  )
}
