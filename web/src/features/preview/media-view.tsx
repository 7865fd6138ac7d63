// Sound and film, played from the file's own address.
import { useState } from 'react'
import { fileAddress } from '@api'
import { Unreadable } from './unreadable'
import type { ViewerProps } from './viewer'
import { words } from './words'

export function MediaView({ task, path, name, download, kind }: Omit<ViewerProps, 'bytes'> & { kind: 'audio' | 'video' }) {
  const [failed, setFailed] = useState(false)
  const address = fileAddress(task, path)
  if (failed) return <Unreadable message={words.unplayable(name)} hint={words.unplayableHint} download={download} name={name} />
  return (
    <div className="flex h-full items-center justify-center bg-side p-4">
      {kind === 'audio' ? (
        <audio controls preload="metadata" src={address} onError={() => setFailed(true)} aria-label={words.of(name)} className="w-full max-w-md">
          <track kind="captions" />
        </audio>
      ) : (
        <video controls preload="metadata" src={address} onError={() => setFailed(true)} aria-label={words.of(name)} className="max-h-full max-w-full">
          <track kind="captions" />
        </video>
      )}
    </div>
  )
}
