// Markdown that stays readable where its renderer cannot be fetched: then the text is shown as it was written.
import { Boundary } from './boundary'
import { Markdown as Rendered, type MarkdownProps } from './markdown/markdown'

export function Markdown(props: MarkdownProps) {
  return (
    <Boundary
      fallback={
        <div dir="auto" className="markdown whitespace-pre-wrap">
          {props.text}
        </div>
      }
    >
      <Rendered {...props} />
    </Boundary>
  )
}
