import assert from 'node:assert/strict'
import * as z from 'zod'
import {checkPublish, toPublishForm} from '../../../deploy/console/publish-actions.ts'
import {createSampleJob} from '../../support/sample-job.ts'

describe('publishing from the page', () => {
  const job = createSampleJob({
    args: z.strictObject({
      org: z.string().min(3).optional().describe('an organization'),
      concurrency: z.number().max(50).default(10).describe('at a time'),
      continuation: z.preprocess(given => given, z.object({done: z.number()})).optional(),
    }),
  })

  it('says what is wrong beside each field that it is about, and the command that does the same', () => {
    const {problems, command} = checkPublish(job, ['concurrency=many', 'org=a b'], 'stage')
    assert.deepEqual(Object.keys(problems), ['concurrency'])
    assert.match(problems['concurrency'] ?? '', /expected number/)
    assert.equal(command, "npm run publish -- sample stage --arg concurrency=many --arg 'org=a b'")
    assert.deepEqual(Object.keys(checkPublish(job, ['concurrency=51', 'org=a'], 'stage').problems).sort(), [
      'concurrency',
      'org',
    ])
    assert.deepEqual(checkPublish(job, ['concurrency=4'], 'stage').problems, {})
  })

  it('says of nothing in particular what belongs to no field', () => {
    assert.match(checkPublish(job, ['concurrency=4', 'x=1'], 'stage').problems[''] ?? '', /x/)
    assert.match(checkPublish(job, ['org=abc', 'org=def'], 'stage').problems[''] ?? '', /given 2 times/)
  })

  it('makes a form of the schema: types, defaults, descriptions, and no field that can’t be typed', () => {
    const {fields} = toPublishForm(job, {projectId: 'cloudact-prod'})
    assert.deepEqual(
      fields.map(({name, type, defaultValue, description}) => [name, type, defaultValue, description]),
      [
        ['org', 'text', '', 'an organization'],
        ['concurrency', 'number', '10', 'at a time'],
      ],
    )
  })
})
