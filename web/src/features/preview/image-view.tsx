// Pictures, drawn as pictures: an SVG too, so that nothing in it runs or loads.
import { useState } from 'react'
import { Skeleton, cx } from '@kit'
import { imageMedia } from './kind'
import { useObjectUrl } from './object-url'
import { Unreadable } from './unreadable'
import type { ViewerProps } from './viewer'
import { ViewSwitch } from './view-switch'
import { words } from './words'

type Zoom = 'fit' | 'actual'

export function ImageView({ bytes, name, download }: ViewerProps) {
  const url = useObjectUrl(bytes, imageMedia(name))
  const [zoom, setZoom] = useState<Zoom>('fit')
  const [size, setSize] = useState<{ width: number; height: number }>()
  const [failed, setFailed] = useState(false)
  if (failed) return <Unreadable message={words.unreadable(name)} hint={words.unreadableHint} download={download} name={name} />
  if (url === undefined) return <Skeleton lines={6} className="p-6" />
  return (
    <div className="flex h-full min-h-0 flex-col">
      {/* Scrolls with the arrow keys, so it takes the focus. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <div tabIndex={0} role="region" aria-label={words.contentOf(name)} className="flex min-h-0 flex-1 overflow-auto bg-side p-4 focus-visible:-outline-offset-2">
        <img
          src={url}
          alt={name}
          decoding="async"
          onLoad={({ currentTarget }) => setSize({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })}
          onError={() => setFailed(true)}
          className={cx('m-auto', zoom === 'fit' ? 'max-h-full max-w-full object-contain' : 'max-w-none shrink-0')}
        />
      </div>
      <div className="flex items-center justify-between gap-4 border-t border-line px-4 py-1">
        <p className="text-xs text-soft tabular-nums">{size !== undefined && words.pixels(size.width, size.height)}</p>
        <ViewSwitch<Zoom> label={words.views} value={zoom} onChange={setZoom} options={[{ value: 'fit', label: words.fit }, { value: 'actual', label: words.actual }]} />
      </div>
    </div>
  )
}
