// Permissions given for folders: listed by folder, each taken back with one press.
import { asApiError, grantsQuery, revokeGrant, type StandingGrant } from '@api'
import { Button, Empty, Skeleton, toast } from '@kit'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ShieldCheck } from 'lucide-react'
import { FailedNote, Group, Pane } from './pane'
import { allowed } from './spoken'
import { words } from './words'

const text = words.permissions

export function Permissions() {
  const grants = useQuery(grantsQuery)
  return (
    <Pane title={words.sections.permissions} intro={text.intro}>
      {grants.isPending && <Skeleton lines={4} />}
      {grants.isError && <FailedNote error={grants.error} what={text.failed} onRetry={() => void grants.refetch()} />}
      {grants.data?.length === 0 && (
        <Empty icon={ShieldCheck} title={text.empty}>
          {text.emptyAbout}
        </Empty>
      )}
      {byFolder(grants.data ?? []).map(([folder, given]) => (
        <Group key={folder} title={text.in(folder)}>
          <ul>
            {given.map((grant) => (
              <GrantRow key={grant.id} grant={grant} />
            ))}
          </ul>
        </Group>
      ))}
    </Pane>
  )
}

function byFolder(grants: readonly StandingGrant[]): [string, StandingGrant[]][] {
  const folders = new Map<string, StandingGrant[]>()
  for (const grant of grants) folders.set(grant.folder, [...(folders.get(grant.folder) ?? []), grant])
  return [...folders].sort(([one], [other]) => one.localeCompare(other))
}

function GrantRow({ grant }: { grant: StandingGrant }) {
  const client = useQueryClient()
  const what = allowed(grant.allows)
  const revoking = useMutation({
    mutationFn: revokeGrant,
    onSuccess: () => {
      client.setQueryData(grantsQuery.queryKey, (before) => before?.filter((other) => other.id !== grant.id))
      toast(text.revoked)
    },
    onError: (error) => toast(asApiError(error).message, { tone: 'bad' }),
  })
  return (
    <li className="flex items-center justify-between gap-4 border-b border-line py-3">
      <span className="min-w-0 text-m break-words text-ink">{what}</span>
      <Button
        size="s"
        busy={revoking.isPending}
        aria-label={text.revokeNamed(what, grant.folder)}
        onClick={() => revoking.mutate(grant.id)}
      >
        {text.revoke}
      </Button>
    </li>
  )
}
