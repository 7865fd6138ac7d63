// Looks whether the daemon is back, and goes on where the reader was.
;(() => {
  const state = document.getElementById('state')
  const look = async (asked) => {
    try {
      const response = await fetch('/api/v1/settings', { cache: 'no-store' })
      const elsewhere = response.status === 401 && document.body.dataset.page === 'offline'
      if (response.ok || elsewhere) {
        location.reload()
        return
      }
      if (state !== null && asked) state.textContent = 'It answers, but this window still holds an old key.'
    } catch {
      if (state !== null && asked) state.textContent = 'Still no answer.'
    }
  }
  document.getElementById('retry')?.addEventListener('click', () => void look(true))
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) void look(false)
  })
  setInterval(() => {
    if (!document.hidden) void look(false)
  }, 3000)
})()
