import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import type {Metafile} from 'esbuild'
import * as z from 'zod'

const manifestSchema = z.object({name: z.string(), version: z.string(), license: z.string().optional()})

/** What a scanner reads. Source: CycloneDX 1.6, JSON reference (ECMA-424). */
export type Sbom = {
  readonly bomFormat: 'CycloneDX'
  readonly specVersion: '1.6'
  readonly version: 1
  readonly metadata: {
    readonly component: {readonly type: 'application'; readonly name: string; readonly version: string}
  }
  readonly components: readonly Component[]
}

type Component = {
  readonly type: 'library'
  readonly 'bom-ref': string
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly licenses?: readonly {readonly expression: string}[]
}

/** Every package of which something is in the bundle, by the bundler's own account. The same for the same bundle. */
export async function createSbom(
  {outputs}: Metafile,
  projectRoot: string,
  application: {readonly name: string; readonly version: string},
): Promise<Sbom> {
  const inputs = Object.values(outputs).flatMap(output => Object.entries(output.inputs))
  const folders = new Set(
    inputs.filter(([, {bytesInOutput}]) => bytesInOutput > 0).map(([path]) => packageFolderOf(path)),
  )
  const components = await Promise.all(
    [...folders].filter(folder => folder !== undefined).map(folder => readComponent(join(projectRoot, folder))),
  )
  const byPurl = new Map(components.map(component => [component.purl, component]))
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {component: {type: 'application', ...application}},
    components: [...byPurl.values()].toSorted((a, b) => (a.purl < b.purl ? -1 : 1)),
  }
}

/** `node_modules/a/node_modules/@b/c/index.js` is a file of `node_modules/a/node_modules/@b/c`. */
function packageFolderOf(path: string): string | undefined {
  return /^(?:.*:)?(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1]
}

async function readComponent(folder: string): Promise<Component> {
  const {name, version, license} = manifestSchema.parse(
    JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')),
  )
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version}`
  return {
    type: 'library',
    'bom-ref': purl,
    name,
    version,
    purl,
    ...(license === undefined ? {} : {licenses: [{expression: license}]}),
  }
}
