import {BlockList, isIPv4, isIPv6} from 'node:net'

const notPublic = new BlockList()
// Source: IANA, special-purpose address registries.
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv4')
}
for (const [network, prefix] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  notPublic.addSubnet(network, prefix, 'ipv6')
}

/**
 * Whether a URL may be given to functions in the cloud, which send the root key there: https to a public host, without
 * a user, a query or a fragment.
 */
export function isPublicHttps(text: string): boolean {
  const url = URL.parse(text)
  if (url === null || url.protocol !== 'https:') return false
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return false
  // A final dot is the same host; brackets belong to the URL.
  const host = url.hostname.replace(/\.$/, '').replace(/^\[(.*)\]$/, '$1')
  if (isIPv4(host)) return !notPublic.check(host, 'ipv4')
  if (isIPv6(host)) return !notPublic.check(host, 'ipv6')
  return host.includes('.') && !/(?:^|\.)(?:localhost|local|internal|localdomain|home\.arpa)$/.test(host)
}
