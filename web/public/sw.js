// The part that stays when the daemon is away: it keeps the page's own pieces and shows a page of its own instead of the
// browser's error. Tasks, files and everything under /api go past it, always.
const CACHE = 'deskhand-1'
const PAGES = ['/offline.html', '/expired.html', '/offline.css', '/offline.js', '/appearance.js', '/icon.svg']
/** Pieces of the page kept at most; the oldest go first. */
const MOST = 200

self.addEventListener('install', (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE)
      await cache.addAll(PAGES.map((page) => new Request(page, { cache: 'reload' })))
      await self.skipWaiting()
    })(),
  )
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name)
      await self.clients.claim()
    })(),
  )
})

/** The page from the daemon; where there is no daemon, or it no longer knows us, a page that says so. */
async function page(request) {
  try {
    const response = await fetch(request)
    if (response.status !== 401) return response
    return (await caches.match('/expired.html')) ?? response
  } catch {
    return (await caches.match('/offline.html')) ?? Response.error()
  }
}

/** Pieces with a hash in their name never change: kept once, used from then on. */
async function piece(request) {
  const cache = await caches.open(CACHE)
  const found = await cache.match(request)
  if (found !== undefined) return found
  const response = await fetch(request)
  if (response.ok) {
    await cache.put(request, response.clone())
    await trim(cache)
  }
  return response
}

async function trim(cache) {
  const pieces = (await cache.keys()).filter((request) => new URL(request.url).pathname.startsWith('/assets/'))
  for (const request of pieces.slice(0, Math.max(pieces.length - MOST, 0))) await cache.delete(request)
}

/** Small files of the offline page: from the daemon, or as they were. */
async function small(request) {
  try {
    const response = await fetch(request)
    if (response.ok) return response
  } catch {
    // The daemon is away; what was kept will do.
  }
  return (await caches.match(request)) ?? Response.error()
}

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== self.location.origin || url.pathname.startsWith('/api')) return
  // The address with a token or ticket sets the session; it is the daemon's alone.
  if (request.mode === 'navigate') {
    const opens = ['token', 'ticket'].some((name) => url.searchParams.has(name))
    if (!opens) event.respondWith(page(request))
  } else if (url.pathname.startsWith('/assets/')) event.respondWith(piece(request))
  else if (PAGES.includes(url.pathname)) event.respondWith(small(request))
})
