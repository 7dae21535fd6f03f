import assert from 'node:assert/strict'
import {createEntry} from '../support/ledger-entry.ts'
import {addDeadLetter, openView} from './console-harness.ts'
import {useConsoleScene} from './console-scene.ts'

/** Acting from the console's page, in a real browser: once, on what was previewed, and from no other page. */
describe('acting in the console', function () {
  this.timeout(120_000)
  const scene = useConsoleScene({hosts: {'evil.test': '127.0.0.1'}})

  const add = (id: string, given: Parameters<typeof addDeadLetter>[2] = {}) => addDeadLetter(scene.served, id, given)

  it('replays what was previewed and nothing that came since, and once however often it is clicked', async () => {
    const served = await scene.start({})
    for (const id of ['1', '2', '3']) add(id)
    const page = await openView(scene.context, served.url, '/dead-letters')
    await page.locator('fieldset legend input').first().check()
    await page.getByRole('button', {name: 'Preview a replay'}).click()
    const replay = page.getByRole('button', {name: 'Replay these 3'})
    await replay.waitFor()
    add('4')
    served.deadLetters.splice(0, 1)
    await replay.dblclick()
    await page.locator('.results li').first().waitFor()
    assert.deepEqual(
      served.published.map(({attributes}) => attributes['runId']),
      ['bootstrap@2', 'bootstrap@3'],
    )
    assert.deepEqual(served.acknowledged, ['2', '3'])
    assert.ok(served.published.every(({attributes}) => attributes['requestedBy'] === 'anna@desk'))
    assert.match(await page.locator('.results').innerText(), /1: it is no longer there/)
    assert.deepEqual(
      served.deadLetters.map(({id}) => id),
      ['4'],
    )
  })

  it("shows of a replay what became of it since, by the ledger's clock, and stops asking at the end", async () => {
    const served = await scene.start({})
    for (const id of ['1', '2', '3']) add(id)
    const done = {runId: 'bootstrap@3', job: 'bootstrap', attempt: 2, event: 'succeeded'} as const
    served.entries.push(createEntry({...done, at: new Date(Date.now() - 30_000).toISOString()}))
    // An hour ahead of the ledger's clock.
    await scene.context.clock.setFixedTime(Date.now() + 3_600_000)
    const page = await openView(scene.context, served.url, '/dead-letters?ids=1,2,3')
    await page.getByRole('button', {name: 'Preview a replay'}).click()
    await page.getByRole('button', {name: 'Replay these 3'}).click()
    const result = (id: string) => page.locator('.results li', {hasText: `✔ ${id}: `})
    const answerOf = (id: string) =>
      page.waitForResponse(response => response.url().endsWith(`/runs/bootstrap%40${id}`))
    await result('1').waitFor()
    await Promise.all([answerOf('1'), answerOf('2')])
    await result('1').getByText('waiting for the function…').waitFor()
    assert.doesNotMatch(await result('1').innerText(), /failed|the API said no/, 'the failure is of before the replay')
    assert.match(await result('3').innerText(), /cleared/)
    assert.doesNotMatch(await result('3').innerText(), /waiting/)

    let asked = 0
    page.on('request', request => {
      if (request.url().endsWith('/runs/bootstrap%401')) asked += 1
    })
    const at = new Date().toISOString()
    const replayed = {runId: 'bootstrap@1', attempt: 2, trigger: 'replay', messageId: 'm-new', at} as const
    served.entries.push(createEntry(replayed))
    await result('1').getByText('running').waitFor()
    served.entries.push(createEntry({...replayed, event: 'succeeded', summary: 'all went well'}))
    await result('1').getByText('all went well').waitFor()
    asked = 0
    for (let polls = 0; polls < 3; polls += 1) await answerOf('2')
    assert.equal(asked, 0)
    await result('2').getByText('waiting for the function…').waitFor()
  })

  it("wants production's name typed, and the manual check of an unknown outcome read", async () => {
    const served = await scene.start({environment: 'prod'})
    add('9', {job: 'daily-alerts', kind: 'unknown outcome', reason: 'no answer'})
    const page = await openView(scene.context, served.url, '/dead-letters?ids=9')
    assert.equal(await page.evaluate(() => document.documentElement.dataset['environment']), 'production')
    await page.getByRole('button', {name: 'Preview a replay'}).click()
    await page.getByText('1 stays').waitFor()
    await page.getByRole('button', {name: 'Preview with force'}).click()
    await page.getByText('1 goes').waitFor()
    await page.getByRole('button', {name: 'Replay it'}).click()
    const confirm = page.getByRole('dialog').getByRole('button', {name: 'Replay it'})
    assert.equal(await confirm.isDisabled(), true)
    await page.getByRole('dialog').getByRole('textbox').fill('prod')
    assert.equal(await confirm.isDisabled(), true)
    await page.getByRole('dialog').getByRole('checkbox').check()
    await confirm.click()
    await page.locator('.results li').first().waitFor()
    assert.equal(served.published.length, 1)
    assert.equal(served.published[0]?.attributes['runId'], 'daily-alerts@9')
  })

  it('invites to no forced replay before what to check can be read, and offers to discard beside it', async () => {
    const served = await scene.start({})
    const reason = `Outcome unknown: no answer. ${'Check the rules of each organization. '.repeat(15)}That is all.`
    add('9', {job: 'daily-alerts', kind: 'unknown outcome', reason})
    add('10')
    const page = await openView(scene.context, served.url, '/')
    for (const width of [1280, 400]) {
      await page.setViewportSize({width, height: 900})
      const item = page.locator('.item', {hasText: 'no answer'})
      await item.getByText('npm run dead-letters -- local show 9').waitFor()
      assert.doesNotMatch(await item.innerText(), /--force/)
      const hidden = await item.locator('.text').evaluate(node => node.scrollHeight - node.clientHeight)
      assert.ok(hidden <= 1, `${hidden} px of what to check are cut at ${width} px`)
    }
    await page.goto(`${served.url}&open=/dead-letters`)
    // Before anything is ticked, each kind says what can be done with it.
    const group = page.locator('fieldset', {hasText: 'daily-alerts'})
    await group.getByRole('button', {name: 'Replay or discard…'}).click()
    await page.getByText('1 chosen.').waitFor()
    await group.getByRole('button', {name: '9', exact: true}).click()
    const card = group.locator('.card')
    await card.getByText('Check first:').waitFor()
    assert.deepEqual(await card.locator('.command code').allInnerTexts(), [
      'npm run dead-letters -- local show 9',
      'npm run dead-letters -- local discard 9 --reason "…"',
      'npm run replay -- local 9 --force',
    ])
  })

  it('refuses on the server what the page would not ask: no name typed, read-only', async () => {
    const served = await scene.start({environment: 'prod'})
    const page = await openView(scene.context, served.url, '/')
    const act = (path: string) =>
      page.evaluate(
        async ([to]) => {
          const headers = {
            'x-console-token': sessionStorage.getItem('console-token') ?? '',
            'content-type': 'application/json',
          }
          const response = await fetch(`/api${to}`, {method: 'POST', headers, body: '{"args": []}'})
          return [response.status, await response.text()] as const
        },
        [path] as const,
      )
    assert.deepEqual((await act('/jobs/bootstrap/runs'))[0], 412)
    await served.stop()
    const readOnly = await scene.start({readOnly: true})
    const reader = await openView(scene.context, readOnly.url, '/')
    assert.equal(await reader.getByRole('button', {name: 'Pause'}).count(), 0)
    const status = await reader.evaluate(async () => {
      const headers = {
        'x-console-token': sessionStorage.getItem('console-token') ?? '',
        'content-type': 'application/json',
      }
      return (await fetch('/api/jobs/bootstrap/runs', {method: 'POST', headers, body: '{"args": []}'})).status
    })
    assert.equal(status, 403)
    assert.deepEqual(readOnly.published, [])
  })

  it('publishes a job from its schema, with an error beside the field', async () => {
    const served = await scene.start({})
    const page = await openView(scene.context, served.url, '/publish/org-sync-all')
    await page.getByLabel('concurrency').fill('many')
    await page.locator('.field', {hasText: 'concurrency'}).locator('.bad').waitFor()
    assert.equal(await page.getByRole('button', {name: 'Publish', exact: true}).isDisabled(), true)
    await page.getByLabel('concurrency').fill('4')
    await page.getByText('npm run publish -- org-sync-all local --arg concurrency=4').waitFor()
    await page.getByRole('button', {name: 'Publish', exact: true}).click()
    await page.waitForURL(/runs\/org-sync-all/)
    assert.equal(served.published.length, 1)
  })
})
