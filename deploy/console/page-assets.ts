import {readFile} from 'node:fs/promises'
import {fileURLToPath} from 'node:url'

/** A file of the page as it is sent. */
export type Asset = {readonly type: string; readonly body: Buffer}

const folder = fileURLToPath(new URL('./page/', import.meta.url))

/** The page, bundled from its sources when it is first asked for. @throws esbuild's BuildFailure */
export async function buildPage(): Promise<ReadonlyMap<string, Asset>> {
  const {build} = await import('esbuild')
  const [{outputFiles}, html, css] = await Promise.all([
    build({
      absWorkingDir: folder,
      entryPoints: ['main.tsx'],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      logLevel: 'silent',
    }),
    readFile(`${folder}index.html`),
    readFile(`${folder}style.css`),
  ])
  const [script] = outputFiles
  return new Map([
    ['/', {type: 'text/html; charset=utf-8', body: html}],
    ['/page.js', {type: 'text/javascript; charset=utf-8', body: Buffer.from(script?.contents ?? [])}],
    ['/page.css', {type: 'text/css; charset=utf-8', body: css}],
  ])
}
