//! What may be typed, with its help text.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Deskhand: give it a job, it does it on this computer.
///
/// Files only in folders you grant, code only in a sandbox, everything it changes can be undone, every task is kept.
///
/// Without a command it opens the app in your browser, and starts the daemon behind it where none runs.
#[derive(Parser)]
#[command(name = "deskhand", version, max_term_width = 100, args_conflicts_with_subcommands = true)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) wish: Option<Wish>,
    /// Print the app's address and open no browser; the variable DESKHAND_NO_OPEN does the same
    #[arg(long)]
    pub(crate) no_open: bool,
}

impl Arguments {
    /// Whether this is the daemon.
    pub(crate) fn serves(&self) -> bool {
        matches!(self.wish, Some(Wish::Serve { .. }))
    }
}

impl Wish {
    /// How it shows a task being worked on, where it does that.
    pub(crate) fn output(&self) -> Option<Output> {
        match self {
            Self::Run(run) => Some(run.output),
            Self::Say { output, .. }
            | Self::Resume { output, .. }
            | Self::Approve { output, .. }
            | Self::Deny { output, .. }
            | Self::Answer { output, .. } => Some(*output),
            Self::Serve { .. }
            | Self::Quit
            | Self::Tasks { .. }
            | Self::Show { .. }
            | Self::Follow { .. }
            | Self::Stop { .. }
            | Self::Pause { .. }
            | Self::Undo { .. }
            | Self::Ledger { .. }
            | Self::Journal { .. }
            | Self::Export { .. }
            | Self::Import { .. }
            | Self::Index { .. }
            | Self::Image { .. }
            | Self::Doctor { .. } => None,
        }
    }
}

#[derive(Subcommand)]
pub(crate) enum Wish {
    /// Do a job, and watch it being done
    ///
    /// Exit codes: 0 done, 1 failed, 2 usage, 3 stopped or denied, 4 waiting for an answer that nobody can give.
    ///
    /// A command that would delete your files or connect to a new host waits while you are asked. Without a terminal
    /// and without the daemon nobody can be asked then: it is refused at once, the command goes on without it, and so
    /// does the job.
    Run(Box<Run>),
    /// Run the daemon in the foreground and print its address
    Serve {
        /// Port on 127.0.0.1; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Open the app in the browser
        #[arg(long)]
        open: bool,
        /// Started by `deskhand` itself: the address, which holds the token, is not printed into the log
        #[arg(long, hide = true, conflicts_with = "open")]
        detached: bool,
    },
    /// End the daemon, also one that `deskhand` started in the background
    ///
    /// Tasks at work go on when it starts again.
    Quit,
    /// List tasks, newest first
    Tasks {
        /// Only tasks whose title, conversation or files hold these words
        #[arg(long)]
        search: Option<String>,
        /// At most this many
        #[arg(long, default_value_t = 50)]
        limit: usize,
        /// One JSON object a line
        #[arg(long)]
        json: bool,
    },
    /// Show where a task stands: plan, files, what waits for you
    Show {
        /// The task's id, or the beginning of it
        id: String,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a task's events from the beginning, then live
    Follow {
        /// The task's id, or the beginning of it
        id: String,
        #[command(flatten)]
        output: Output,
    },
    /// Say something to a task; it is read at the next step
    Say {
        /// The task's id, or the beginning of it
        id: String,
        /// The message
        text: String,
        /// A file to hand over with it
        #[arg(long = "attach", value_name = "FILE")]
        attachments: Vec<PathBuf>,
        #[command(flatten)]
        output: Output,
    },
    /// End a task's turn at once
    Stop {
        /// The task's id, or the beginning of it
        id: String,
    },
    /// Let a task start nothing new until it is resumed
    Pause {
        /// The task's id, or the beginning of it
        id: String,
    },
    /// Let a paused or interrupted task go on
    Resume {
        /// The task's id, or the beginning of it
        id: String,
        #[command(flatten)]
        output: Output,
    },
    /// Allow what a task asks for, also while its command runs and waits
    Approve {
        /// The task's id, or the beginning of it
        id: String,
        /// The approval, where several wait
        approval: Option<String>,
        /// How far the permission reaches
        #[arg(long, value_enum, default_value_t = ScopeName::Once)]
        scope: ScopeName,
        #[command(flatten)]
        output: Output,
    },
    /// Deny what a task asks for; a command that runs goes on without it
    Deny {
        /// The task's id, or the beginning of it
        id: String,
        /// The approval, where several wait
        approval: Option<String>,
        /// What to do instead; the model reads it
        #[arg(long)]
        note: Option<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Answer a question a task asks
    Answer {
        /// The task's id, or the beginning of it
        id: String,
        /// One answer for each question: a choice's number or words of your own
        #[arg(required = true)]
        answers: Vec<String>,
        #[command(flatten)]
        output: Output,
    },
    /// Put back what a task changed in your files
    Undo {
        /// The task's id, or the beginning of it
        id: String,
        /// Only what this turn changed
        #[arg(long)]
        turn: Option<u32>,
        /// Only this file or directory
        #[arg(long)]
        path: Option<String>,
        /// Only what this call did, such as one command; `deskhand follow ID --json` names the calls
        #[arg(long)]
        call: Option<String>,
        /// Take back the last undo instead
        #[arg(long)]
        redo: bool,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Show every decision about a task's connections, oldest first
    Ledger {
        /// The task's id, or the beginning of it
        id: String,
        /// The lines as they stand in the file
        #[arg(long)]
        json: bool,
    },
    /// Show what the old contents that Undo needs cost, and give some up
    ///
    /// Whatever is given up is gone: what those tasks did so far cannot be undone any more. The files themselves stay
    /// as they are.
    Journal {
        /// Give up what this task has, or with --all what every task has
        #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "")]
        empty: Option<String>,
        /// With --empty: of every task
        #[arg(long, requires = "empty")]
        all: bool,
        /// With --empty: do not ask first
        #[arg(long, requires = "empty")]
        yes: bool,
        /// As JSON
        #[arg(long, conflicts_with = "empty")]
        json: bool,
    },
    /// Write a task with all its files into one archive
    Export {
        /// The task's id, or the beginning of it
        id: String,
        /// The archive to write
        file: PathBuf,
    },
    /// Add a task from an archive
    Import {
        /// The archive
        file: PathBuf,
    },
    /// Work on the index of tasks
    Index {
        #[command(subcommand)]
        wish: IndexWish,
    },
    /// The programs that tasks work with: a signed image, the same in every tier
    Image {
        #[command(subcommand)]
        wish: ImageWish,
    },
    /// Check that everything needed is there and works
    Doctor {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[derive(Subcommand)]
pub(crate) enum IndexWish {
    /// Build it anew from the task folders
    Rebuild,
}

#[derive(Subcommand)]
pub(crate) enum ImageWish {
    /// Check an image and put it in place
    ///
    /// Its signature must be of a key that you or your organisation trust: `image_keys` under `[machine]` in
    /// `config.toml`, or --key. A key that comes with the image proves nothing. The image before it stays until the new
    /// one is whole, and for tasks at work until Deskhand ends.
    Install {
        /// The folder with its `manifest.toml`, or an archive (tar) of it
        from: PathBuf,
        /// A file with the maker's public key, which you have from elsewhere; it counts for this image
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Read every byte of the image in place, and say which it is
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take the image away; commands use the programs of this computer then
    Remove,
}

#[derive(Args)]
pub(crate) struct Run {
    /// The job, in your words
    #[arg(required_unless_present = "task")]
    pub(crate) prompt: Option<String>,
    /// A folder to work in; its files may be read and changed
    #[arg(long = "folder", value_name = "DIR")]
    pub(crate) folders: Vec<PathBuf>,
    /// A folder that may only be read
    #[arg(long = "read-only", value_name = "DIR")]
    pub(crate) read_only: Vec<PathBuf>,
    /// The model, as PROVIDER/MODEL
    #[arg(long, conflicts_with = "script")]
    pub(crate) model: Option<String>,
    /// A Script that plays the model
    #[arg(long, value_name = "FILE")]
    pub(crate) script: Option<PathBuf>,
    /// How much may be done without asking; deletion always asks
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeName>,
    /// The project it belongs to
    #[arg(long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// A file to hand over
    #[arg(long = "attach", value_name = "FILE")]
    pub(crate) attachments: Vec<PathBuf>,
    /// How code is isolated; never weaker than asked for
    #[arg(long, value_enum)]
    pub(crate) tier: Option<TierName>,
    /// Continue this task instead of making one
    #[arg(long, value_name = "ID", conflicts_with_all = ["folders", "read_only", "model", "script", "mode", "project", "tier"])]
    pub(crate) task: Option<String>,
    #[command(flatten)]
    pub(crate) output: Output,
}

#[derive(Args, Clone, Copy)]
pub(crate) struct Output {
    /// Print the stored events, one JSON object a line
    #[arg(long)]
    pub(crate) json: bool,
    /// With --json: streamed text too, as lines of the form {"ephemeral":…}
    #[arg(long, requires = "json")]
    pub(crate) deltas: bool,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ModeName {
    /// Asks before changes in your folders and before commands
    Ask,
    /// Asks only before something leaves the machine or is deleted
    Auto,
    /// Asks only for deletion
    Skip,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum TierName {
    /// A virtual machine
    Vm,
    /// Linux namespaces
    Namespace,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ScopeName {
    /// This one call
    Once,
    /// The rest of this task
    Task,
    /// This folder, in later tasks too
    Folder,
    /// Every folder, in later tasks too
    Always,
}
