import type {ProtoSchema} from '../wire/proto-schema.ts'

/** A method of a service, with what its address says. */
export type RestMatch = {
  readonly service: string
  readonly method: string
  /** Full names. */
  readonly requestType: string
  readonly responseType: string
  /** The part of the request that the body is: `*`, a field, or none. */
  readonly body: string
  /** From the path: `topic.name` → `projects/p/topics/t`. */
  readonly variables: Readonly<Record<string, string>>
}

type Route = Omit<RestMatch, 'variables'> & {
  readonly verb: string
  readonly pattern: RegExp
  readonly variableNames: readonly string[]
}

const packageName = 'google.pubsub.v1'

/** The REST addresses of all services, from the google.api.http annotations in the protos. */
export function createRestRoutes(schema: ProtoSchema) {
  const routes = [...schema.services].flatMap(([service, methods]) =>
    Object.entries(methods).flatMap(([method, {requestType, responseType, options}]): Route[] => {
      const verb = ['get', 'put', 'post', 'patch', 'delete'].find(name => `(google.api.http).${name}` in options)
      if (verb === undefined) return []
      const body = options['(google.api.http).body']
      return [
        {
          service,
          method,
          requestType: schema.resolve(packageName, requestType),
          responseType: schema.resolve(packageName, responseType),
          body: typeof body === 'string' ? body : '',
          verb: verb.toUpperCase(),
          ...compile(String(options[`(google.api.http).${verb}`])),
        },
      ]
    }),
  )

  /** @param path still encoded, without the query. */
  return (verb: string, path: string): RestMatch | undefined => {
    for (const route of routes) {
      if (route.verb !== verb) continue
      const values = route.pattern.exec(path)?.slice(1)
      if (values === undefined) continue
      const variables = Object.fromEntries(route.variableNames.map((name, index) => [name, decode(values[index])]))
      return {...route, variables}
    }
    return undefined
  }
}

/** `/v1/{topic=projects/＊/topics/＊}:publish` as an expression with one group for each variable. */
function compile(template: string): {pattern: RegExp; variableNames: string[]} {
  const variableNames: string[] = []
  const source = template.replaceAll(/\{([\w.]+)=([^}]+)\}/g, (_, name: string, pattern: string) => {
    variableNames.push(name)
    // The last part ends before a colon: what follows there is the verb.
    return `(${pattern.replaceAll(/\*(?=\/)/g, '[^/]+').replaceAll('*', '[^/:]+')})`
  })
  return {pattern: new RegExp(`^${source}$`), variableNames}
}

/** A broken escape stays as it is, and is then no valid name. */
function decode(text: string | undefined): string {
  try {
    return decodeURIComponent(text ?? '')
  } catch {
    return text ?? ''
  }
}
