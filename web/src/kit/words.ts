// The few words the kit says by itself.

export const words = {
  close: 'Close',
  cancel: 'Cancel',
  dismiss: 'Dismiss',
  retry: 'Try again',
  reload: 'Reload the page',
  unfetched: 'This part of the page could not be fetched',
  unfetchedHint: 'Reload the page when Deskhand answers. Tasks go on running, and what you typed is kept.',
  missing: 'This part of the page could not be fetched. Try again when Deskhand answers.',
  loading: 'Loading',
  notifications: 'Notifications',
  remove: (what: string) => `Remove ${what}`,
  show: (what: string) => `Show ${what}`,
  hide: (what: string) => `Hide ${what}`,
  states: {
    new: 'New',
    working: 'Working',
    needs_you: 'Needs you',
    paused: 'Paused',
    done: 'Done',
    stopped: 'Stopped',
    failed: 'Failed',
  },
}
