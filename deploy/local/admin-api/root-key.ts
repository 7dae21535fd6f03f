import {createHash, timingSafeEqual} from 'node:crypto'
import {Refusal} from './refusal.ts'

/**
 * Lets a request with the right `X-CA-Root-Key` pass, in a time that does not depend on how much of the key is right.
 *
 * @param rootKey empty stands for a service that was deployed without its key.
 * @throws Refusal 401 without the header, 503 without a configured key, 403 with another key.
 */
export function checkRootKey(header: string | readonly string[] | undefined, rootKey: string): void {
  if (header === undefined || header.length === 0) {
    throw new Refusal(401, 'Root API key required. Provide X-CA-Root-Key header.')
  }
  if (rootKey === '') {
    throw new Refusal(503, 'Root API key not configured. Set CA_ROOT_API_KEY environment variable.')
  }
  // Digests have the same length, which timingSafeEqual requires and which hides the key's own.
  if (!timingSafeEqual(digestOf(String(header)), digestOf(rootKey))) throw new Refusal(403, 'Invalid root API key')
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest()
}
