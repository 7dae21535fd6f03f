import {render} from 'preact'
import {App} from './app.tsx'
import {takeToken, useToken} from './base/api.ts'

useToken(takeToken(location, sessionStorage))
const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  render(<App />, root)
}
