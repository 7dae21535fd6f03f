import assert from 'node:assert/strict'
import type {Metafile} from 'esbuild'
import {successPathOf} from '../../../deploy/bundle/success-path.ts'

type Output = Metafile['outputs'][string]

function output(bytes: number, given: Partial<Output> = {}): Output {
  return {bytes, inputs: {}, imports: [], exports: [], ...given}
}

const publisher = output(100, {
  entryPoint: 'name-exports:@google-cloud/pubsub',
  inputs: {'node_modules/@grpc/grpc-js/index.js': {bytesInOutput: 100}},
  imports: [{path: 'shared.mjs', kind: 'import-statement'}],
})

describe('the path of an event that succeeds', () => {
  it('is all that the entry imports, at once and later, but for the Pub/Sub client and what only that needs', () => {
    const {bytes, inputs} = successPathOf({
      inputs: {},
      outputs: {
        'dist/index.mjs': output(1, {
          inputs: {'lib/main.ts': {bytesInOutput: 1}},
          imports: [
            {path: 'late.mjs', kind: 'dynamic-import'},
            {path: 'pubsub.mjs', kind: 'dynamic-import'},
            {path: 'node:fs', kind: 'import-statement', external: true},
          ],
        }),
        'late.mjs': output(10, {
          inputs: {'lib/late.ts': {bytesInOutput: 10}},
          imports: [{path: 'index.mjs', kind: 'dynamic-import'}],
        }),
        'index.mjs': output(2),
        'pubsub.mjs': publisher,
        'shared.mjs': output(1000),
      },
    })
    assert.equal(bytes, 13)
    assert.deepEqual(inputs, ['lib/late.ts', 'lib/main.ts'])
  })

  it('can only be told where the Pub/Sub client is split off', () => {
    assert.throws(() => successPathOf({inputs: {}, outputs: {'dist/index.mjs': output(1)}}), /split off/)
    assert.throws(() => successPathOf({inputs: {}, outputs: {'pubsub.mjs': publisher}}), /split off/)
  })
})
