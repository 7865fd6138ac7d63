//! Taking back a permission that outlives its task: at once in the tasks that run with it, and in every other before it
//! goes on.

use engine::{CommandRefused, SendError};
use event::{Actor, Command, CommandId, Fact, GrantId, TaskId, Wish};
use store::Opened;
use view::View;

use super::{Live, Tasks};
use crate::{Standing, TaskError};

impl Tasks {
    /// Takes a standing permission back and cuts every live task that has it from there: its running calls end, and
    /// what they would have done asks again. A task that is not live loses it when it is opened. Says whether there was
    /// one.
    ///
    /// # Errors
    /// Where the list cannot be written, or a live task could not be told; the permission itself is then gone already,
    /// and every other task was told.
    pub async fn revoke_standing(&self, id: &GrantId) -> Result<bool, TaskError> {
        let Some(taken) = self.standing.revoke(id)? else { return Ok(false) };
        let running: Vec<(TaskId, Live)> = {
            let registry = self.live.lock().await;
            registry.running.iter().map(|(task, live)| (*task, live.clone())).collect()
        };
        let mut told = Ok(true);
        for (task, live) in running {
            if live.end.borrow().is_none()
                && let Err(error) = self.cut(task, &live, &taken).await
            {
                told = told.and(Err(error));
            }
        }
        told
    }

    async fn cut(&self, task: TaskId, live: &Live, taken: &Standing) -> Result<(), TaskError> {
        let view = self.view(task)?;
        for grant in self.standing.lost(taken, &view.folders, &view.grants)? {
            let command = Command { id: CommandId(format!("{}-{grant}", taken.id)), wish: Wish::Revoke { grant } };
            match live.handle.send(command).await {
                // It has ended, or somebody else has taken the permission back meanwhile.
                Ok(_) | Err(SendError::Closed(_) | SendError::Refused(CommandRefused::NoGrant(_))) => {}
                Err(SendError::Storage { message, hint }) => {
                    return Err(TaskError::Storage { message, hint: hint.to_owned() });
                }
                Err(SendError::Refused(refused)) => return Err(refused.into()),
                Err(other) => return Err(TaskError::Undo(other.to_string())),
            }
        }
        Ok(())
    }

    /// Takes from an opened task, before anything of it runs, what was to outlive it and stands no more.
    pub(super) fn take_back(&self, opened: &mut Opened) -> Result<(), TaskError> {
        let view = View::of(opened.log.task(), opened.events.iter().map(AsRef::as_ref));
        let gone = self.standing.gone(&view.folders, &view.grants)?;
        if !gone.is_empty() {
            let facts = gone.into_iter().map(|grant| (Actor::Engine, Fact::GrantRevoked { grant })).collect();
            opened.events.extend(opened.log.append(self.parts.clock.now(), facts)?);
        }
        Ok(())
    }
}
