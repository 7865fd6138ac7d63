// Back to what the settings say, from a dialog that says something else for one task.
import { Button } from '@kit'

export interface UsualButtonProps {
  readonly label: string
  readonly onUsual: () => void
  readonly onClose: () => void
}

export function UsualButton({ label, onUsual, onClose }: UsualButtonProps) {
  const back = () => {
    onUsual()
    onClose()
  }
  return (
    <Button variant="quiet" onClick={back}>
      {label}
    </Button>
  )
}
