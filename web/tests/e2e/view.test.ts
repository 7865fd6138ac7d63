// The screen's fold of a task's events is the daemon's own view, at every step of a job that does a little of everything.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Wish } from '../../src/api/types'
import { viewOf } from '../../src/stream/view'
import { Door } from './door'
import { Daemon, until, World } from './world'

const JOB = `
replies:
  - text: I look first.
    calls:
      - { tool: Read, input: { file_path: a.csv } }
      - { tool: TodoWrite, input: { todos: [ { content: Read, status: completed }, { content: Write, status: in_progress } ] } }
      - { tool: Note, input: { text: "units unknown" } }
  - calls:
      - tool: AskUserQuestion
        input: { questions: [ { question: Which unit?, header: Unit, options: [ { label: mm }, { label: inch } ] } ] }
  - calls:
      - { tool: Write, input: { file_path: report.md, content: "# Report" } }
      - { tool: Write, input: { file_path: b.md, content: "b" } }
      - { tool: Edit, input: { path: a.csv, old_string: "1,2", new_string: "1,20" } }
  - calls:
      - { tool: Write, input: { file_path: /outputs/sum.md, content: "sum" } }
      - { tool: PresentFiles, input: { files: [ { path: /outputs/sum.md, title: Sum } ] } }
  - text: It is done.
  - calls:
      - { tool: Edit, input: { path: a.csv, old_string: "1,20", new_string: "1,200" } }
      - { tool: Write, input: { file_path: second.md, content: "second" } }
  - text: That as well.
`

const SETTINGS: Wish[] = [
  { type: 'mark', data: { type: 'pinned' } },
  { type: 'mark', data: { type: 'project', data: { name: 'P' } } },
  { type: 'mark', data: { type: 'seen' } },
  { type: 'set_mode', data: { mode: 'auto' } },
  { type: 'set_limits', data: { limits: { steps: 3 } } },
  { type: 'set_instructions', data: { text: 'Be brief.' } },
  { type: 'pin_file', data: { path: '/work/Reports/a.csv' } },
  { type: 'rename', data: { title: 'Second' } },
]

test('the fold of the events is the view of the daemon', { timeout: 120_000 }, async () => {
  const world = new World()
  const folder = world.folder('Reports', { 'a.csv': 'x,y\n1,2\n' })
  const daemon = await Daemon.start(world)
  try {
    const door = new Door(daemon)
    const id = await door.make({ prompt: 'Write the report', model: world.script('job', JOB), folders: [folder] })
    let compared = 0
    const look = async () => {
      const [view, events] = [await door.view(id), await door.events(id)]
      // Events that came between the two requests are left for the next look.
      if (view.head === events.length) {
        assert.deepEqual(viewOf(events), view)
        compared += 1
      }
      return view
    }
    const turn = (number: number) =>
      until(`the end of turn ${number}`, async () => {
        const view = await look()
        const question = view.questions[0]?.[0]
        const approval = view.approvals[0]
        if (typeof question === 'string') {
          await door.wish(id, { type: 'answer_questions', data: { question, answers: [{ chosen: ['inch'] }] } })
        } else if (approval !== undefined) {
          await door.wish(id, { type: 'answer', data: { approval: approval.id, answer: { type: 'allow', data: { scope: 'task' } } } })
        }
        return view.turn === number && view.state === 'done' ? true : undefined
      })
    await turn(1)
    await door.wish(id, { type: 'say', data: { text: 'And the rest' } })
    await turn(2)
    for (const wish of SETTINGS) {
      await door.wish(id, wish)
      await look()
    }
    const deleted = async (path: string) => (await look()).changed.some((change) => change.path === path && change.kind === 'deleted') || undefined
    await door.wish(id, { type: 'undo', data: { selection: { turn: 1 } } })
    await until('the undoing of one turn', () => deleted('/work/Reports/b.md'))
    await door.wish(id, { type: 'undo', data: {} })
    await until('the undoing of all', () => deleted('/work/Reports/second.md'))
    assert.ok(compared >= SETTINGS.length, `${compared} views were compared`)
  } finally {
    await daemon.end()
    world.remove()
  }
})
