import assert from 'node:assert/strict'
import {findLoopbackRefusal} from '../../../../deploy/local/emulator/loopback-guard.ts'

const port = 4711
const own = {host: `127.0.0.1:${port}`}
const json = {'content-type': 'application/json', 'content-length': '2'}

describe('findLoopbackRefusal', () => {
  for (const [what, request] of [
    ['a client of Google, which sends no header of a browser', {method: 'POST', headers: {...own, ...json}}],
    ['the name localhost', {headers: {host: `localhost:${port}`}}],
    ['a host in capitals', {headers: {host: `LOCALHOST:${port}`}}],
    ['an address that a person typed', {headers: {...own, 'sec-fetch-site': 'none'}}],
    [
      'a page of this very server',
      {method: 'POST', headers: {...own, ...json, origin: `http://127.0.0.1:${port}`, 'sec-fetch-site': 'same-origin'}},
    ],
    ['a POST without a body', {method: 'POST', headers: {...own, 'content-length': '0'}}],
    ['a GET with a type', {headers: {...own, 'content-type': 'text/plain'}}],
    [
      'JSON with a charset',
      {method: 'POST', headers: {...own, ...json, 'content-type': 'application/json; charset=utf-8'}},
    ],
    ['a type for which a browser asks first', {method: 'POST', headers: {...own, 'content-type': 'application/xml'}}],
  ] as const) {
    it(`lets in ${what}`, () => {
      assert.equal(findLoopbackRefusal({url: '/', ...request}, port), undefined)
    })
  }

  for (const [what, status, request] of [
    ['another host', 403, {headers: {host: 'evil.test'}}],
    ["another host with this server's port (DNS rebinding)", 403, {headers: {host: `evil.test:${port}`}}],
    ['a host that begins like it', 403, {headers: {host: `127.0.0.1:${port}.evil.test`}}],
    ['another port', 403, {headers: {host: '127.0.0.1:4712'}}],
    ['no port', 403, {headers: {host: '127.0.0.1'}}],
    ['another loopback address', 403, {headers: {host: `127.0.0.2:${port}`}}],
    ['no host', 403, {headers: {}}],
    ['a proxy request', 403, {url: 'http://evil.test/', headers: own}],
    ['OPTIONS *', 403, {method: 'OPTIONS', url: '*', headers: own}],
    ['a page elsewhere', 403, {headers: {...own, origin: 'http://evil.test'}}],
    ['a page on another port', 403, {headers: {...own, origin: 'http://127.0.0.1:4712'}}],
    ['a page under the other name of this server', 403, {headers: {...own, origin: `http://localhost:${port}`}}],
    ['a page that hides its origin', 403, {headers: {...own, origin: 'null'}}],
    ['an https page', 403, {headers: {...own, origin: `https://127.0.0.1:${port}`}}],
    ['a preflight', 403, {method: 'OPTIONS', headers: {...own, origin: 'http://evil.test'}}],
    ['cross-site', 403, {headers: {...own, 'sec-fetch-site': 'cross-site'}}],
    ['same-site', 403, {headers: {...own, 'sec-fetch-site': 'same-site'}}],
    ['a word that browsers may learn', 403, {headers: {...own, 'sec-fetch-site': 'near-site'}}],
    ['a form', 415, {method: 'POST', headers: {...own, 'content-type': 'application/x-www-form-urlencoded'}}],
    ['a form with files', 415, {method: 'POST', headers: {...own, 'content-type': 'multipart/form-data; boundary=x'}}],
    ['text', 415, {method: 'POST', headers: {...own, 'content-type': 'Text/Plain;charset=UTF-8'}}],
    ['a body without a type', 415, {method: 'POST', headers: {...own, 'content-length': '2'}}],
    ['an endless body without a type', 415, {method: 'POST', headers: {...own, 'transfer-encoding': 'chunked'}}],
    ['an empty type', 415, {method: 'PUT', headers: {...own, 'content-type': ''}}],
  ] as const) {
    it(`refuses ${what}`, () => {
      const refusal = findLoopbackRefusal({url: '/', ...request}, port)
      assert.equal(refusal?.status, status, refusal?.reason)
    })
  }

  it('lets in any body where a server wants it so, and checks the rest', () => {
    const text = {...own, 'content-type': 'text/plain'}
    const options = {acceptsAnyBody: true}
    assert.equal(findLoopbackRefusal({method: 'POST', url: '/', headers: text}, port, options), undefined)
    const foreign = {...text, origin: 'http://evil.test'}
    assert.equal(findLoopbackRefusal({method: 'POST', url: '/', headers: foreign}, port, options)?.status, 403)
  })
})
