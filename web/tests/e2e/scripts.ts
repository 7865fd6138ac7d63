// Scripts for the tests: what the model says and which tools it really calls.

/** `w1 w2 … wN`: text whose every word is its own proof. */
export function countedWords(count: number): string {
  return Array.from({ length: count }, (_, index) => `w${index + 1}`).join(' ')
}

/** Asks for one command in mode Ask, then says so. */
export const ASKING = `
replies:
  - text: I write the list.
    calls: [{ tool: Bash, input: { command: "echo ran > /outputs/ran.txt", description: Write the list } }]
  - when: { contains: [put it into a table instead] }
    text: Understood, a table instead.
  - text: The list is written.
`

/** Asks two questions, one of them with several answers. */
export const QUESTIONS = `
replies:
  - text: Two things change the result.
    calls:
      - tool: AskUserQuestion
        input:
          questions:
            - question: Which units should the report use?
              header: Units
              options:
                - { label: Metric, description: millimetres }
                - { label: US, description: inches }
            - question: Which months matter?
              header: Months
              multiSelect: true
              options:
                - { label: May, description: spring }
                - { label: June, description: summer }
                - { label: July, description: more summer }
  - expect: { contains: ["Metric", "May", "July"] }
    text: Metric, for May and July.
`

/** The same, after a first turn that only greets. */
export function afterGreeting(script: string): string {
  return script.replace('replies:\n', 'replies:\n  - text: Ready when you are.\n')
}

/** Talks for a while, does one thing, and then answers what was said meanwhile. */
export const TALKING = `
pace_ms: 15
replies:
  - text: "${countedWords(200)}"
    calls: [{ tool: Glob, input: { pattern: "*.txt" } }]
  - when: { contains: [and count the lines] }
    text: I heard you and count the lines.
  - text: Nothing was said meanwhile.
`

/** One long answer. */
export const LONG_ANSWER = `
pace_ms: 15
replies:
  - text: "${countedWords(400)}"
  - text: The second turn is short.
`

/** Two turns of changes in the folder `work`, all by tools. */
export const CHANGES = `
replies:
  - calls:
      - { tool: Read, input: { path: notes.txt } }
      - { tool: Read, input: { path: deep/list.csv } }
  - calls:
      - { tool: Edit, input: { path: notes.txt, old_string: two, new_string: zwei } }
      - { tool: Write, input: { path: fresh/new.txt, content: "new\\n" } }
      - { tool: Edit, input: { path: deep/list.csv, old_string: "b,2", new_string: "b,20" } }
  - text: First turn done.
  - calls:
      - { tool: Edit, input: { path: notes.txt, old_string: zwei, new_string: deux } }
      - { tool: Write, input: { path: second.txt, content: "second\\n" } }
  - text: Second turn done.
`

/** Removes two files with a command; asks in every mode. */
export const DELETING = `
replies:
  - text: The old lists are no longer needed.
    calls:
      - { tool: Bash, input: { command: "rm old.txt deep/list.csv", description: Remove the old lists } }
  - text: Both lists are gone.
`

/** The files that `CHANGES` works on. */
export const CHANGED_FILES = {
  'notes.txt': 'one\ntwo\nthree\n',
  'deep/list.csv': 'a,1\r\nb,2\r\n',
  'old.txt': 'an old list\n',
  'bytes.bin': new Uint8Array([0, 159, 146, 150]),
}

/** Says one sentence. */
export function saying(text: string): string {
  return `replies:\n  - text: ${JSON.stringify(text)}\n`
}

/** Makes these files among the outputs and presents them. */
export function presenting(files: Readonly<Record<string, string>>, text: string): string {
  const calls = Object.entries(files).map(
    ([name, content]) => `      - ${JSON.stringify({ tool: 'Write', input: { path: `/outputs/${name}`, content } })}`,
  )
  if (calls.length === 0) return saying(text)
  return ['replies:', '  - calls:', ...calls, ...presentation(Object.keys(files).map((name) => `/outputs/${name}`), text)].join('\n')
}

/** Presents files that are there already. */
export function presentingGiven(paths: readonly string[], text: string): string {
  return ['replies:', ...presentation(paths, text)].join('\n')
}

function presentation(paths: readonly string[], text: string): string[] {
  const cards = paths.map((path) => ({ path, title: path.slice(path.lastIndexOf('/') + 1) }))
  return ['  - calls:', `      - ${JSON.stringify({ tool: 'PresentFiles', input: { files: cards } })}`, `  - text: ${JSON.stringify(text)}`, '']
}

/** The settings file that makes one Script the model of every new task. */
export function withDefaultModel(model: string): string {
  return `default_model = ${JSON.stringify(model)}\n`
}
