//! An installation that keeps its settings in memory and remembers what it was asked to show.

use std::sync::{Arc, Mutex};

use api::Installation;
use api_types::{
    Check, JournalFreed, JournalTask, JournalUsage, KeyPlace, NetworkSettings, ProviderDialect, ProviderOrigin,
    ProviderRequest, ProviderState, ProviderTest, Reveal, Settings, SettingsChange,
};
use event::{CommandId, Limits, Mode, ModelRef, TaskId};
use futures_util::future::{BoxFuture, ready};
use tasks::{NewTask, TaskError, Tasks};
use tool::{Desk, Refusal};

pub(crate) struct Installed {
    tasks: Arc<Tasks>,
    settings: Mutex<Settings>,
    /// Keys by provider.
    pub(crate) keys: Mutex<Vec<(String, String)>>,
    /// What was to be shown on the desktop.
    pub(crate) shown: Mutex<Vec<(String, Reveal)>>,
}

impl Installed {
    pub(crate) fn new(tasks: Arc<Tasks>) -> Self {
        let settings = Settings {
            version: "0.0.0".to_owned(),
            home: "/home/ada/deskhand".to_owned(),
            file: "/home/ada/config.toml".to_owned(),
            default_mode: Mode::Ask,
            default_model: Some(ModelRef("script/hello".to_owned())),
            instructions: String::new(),
            limits: Limits::default(),
            providers: vec![provider("script", ProviderOrigin::Known)],
            key_place: KeyPlace::EncryptedFile,
            prices: Vec::new(),
            network: NetworkSettings::default(),
            journal_quota_mib: 10,
        };
        Self { tasks, settings: Mutex::new(settings), keys: Mutex::default(), shown: Mutex::default() }
    }
}

fn provider(name: &str, origin: ProviderOrigin) -> ProviderState {
    ProviderState {
        name: name.to_owned(),
        dialect: ProviderDialect::Openai,
        base_url: "http://127.0.0.1:9/v1".to_owned(),
        origin,
        local: true,
        key: KeyPlace::None,
        unavailable: None,
    }
}

fn refusal(message: &str) -> Refusal {
    Refusal { message: message.to_owned(), hint: "choose another".to_owned() }
}

impl Installation for Installed {
    fn settings(&self) -> Settings {
        self.settings.lock().unwrap().clone()
    }

    fn checks(&self) -> BoxFuture<'_, Vec<Check>> {
        let check = Check { name: "sandbox".to_owned(), ok: true, detail: "bubblewrap 0.8".to_owned(), hint: None };
        Box::pin(ready(vec![check]))
    }

    fn change(&self, change: SettingsChange) -> BoxFuture<'_, Result<Settings, Refusal>> {
        let mut settings = self.settings.lock().unwrap();
        if change.default_model.as_ref().is_some_and(|model| model.provider() == "nobody") {
            return Box::pin(ready(Err(refusal("there is no provider `nobody`"))));
        }
        settings.default_mode = change.default_mode.unwrap_or(settings.default_mode);
        settings.journal_quota_mib = change.journal_quota_mib.unwrap_or(settings.journal_quota_mib);
        if let Some(network) = change.network {
            settings.network.allow = network.allow.unwrap_or(settings.network.allow);
            settings.network.hosts.extend(network.add_hosts);
        }
        if let Some(instructions) = change.instructions {
            settings.instructions = instructions;
        }
        Box::pin(ready(Ok(settings.clone())))
    }

    fn set_provider(&self, name: String, request: ProviderRequest) -> BoxFuture<'_, Result<Settings, Refusal>> {
        let mut settings = self.settings.lock().unwrap();
        settings.providers.retain(|known| known.name != name);
        let key = if request.key.is_some() { KeyPlace::EncryptedFile } else { KeyPlace::None };
        self.keys.lock().unwrap().extend(request.key.map(|key| (name.clone(), key)));
        settings.providers.push(ProviderState {
            dialect: request.dialect,
            base_url: request.base_url,
            key,
            local: false,
            ..provider(&name, ProviderOrigin::Settings)
        });
        Box::pin(ready(Ok(settings.clone())))
    }

    fn remove_provider(&self, name: String) -> BoxFuture<'_, Result<Settings, Refusal>> {
        let mut settings = self.settings.lock().unwrap();
        settings.providers.retain(|known| known.name != name);
        Box::pin(ready(Ok(settings.clone())))
    }

    fn try_provider(&self, name: String, _provider: ProviderRequest) -> BoxFuture<'_, ProviderTest> {
        let detail = format!("nobody answers for `{name}`");
        Box::pin(ready(ProviderTest { ok: false, detail, hint: Some("start it".to_owned()), models: Vec::new() }))
    }

    fn journal(&self) -> BoxFuture<'_, Result<JournalUsage, TaskError>> {
        let quota_bytes = Some(self.settings.lock().unwrap().journal_quota_mib << 20);
        let tasks = self.tasks.parts().store.tasks().unwrap().into_iter();
        let tasks = tasks.map(|task| JournalTask { task, title: None, bytes: 7, oldest: None }).collect();
        Box::pin(ready(Ok(JournalUsage { bytes: 7, quota_bytes, tasks })))
    }

    fn empty_journal(&self, task: TaskId) -> BoxFuture<'_, Result<JournalFreed, TaskError>> {
        let opened = self.tasks.parts().store.open(task);
        Box::pin(ready(opened.map(|_lease| JournalFreed { objects: 1, bytes: 7 }).map_err(TaskError::from)))
    }

    fn example(&self) -> BoxFuture<'_, Result<TaskId, Refusal>> {
        Box::pin(async {
            let new = NewTask {
                prompt: "Try it".to_owned(),
                folders: Vec::new(),
                attachments: Vec::new(),
                mode: Mode::Ask,
                model: Some(ModelRef("script/hello".to_owned())),
                effort: None,
                instructions: String::new(),
                limits: Limits::default(),
                project: None,
                tier: None,
                command: Some(CommandId::from("example")),
            };
            self.tasks.create(new).await.map_err(|error| refusal(&error.to_string()))
        })
    }

    fn reveal(&self, _desk: &Desk, path: &str, how: Reveal) -> Result<(), Refusal> {
        if path.ends_with(".nowhere") {
            return Err(refusal("there is no desktop here"));
        }
        self.shown.lock().unwrap().push((path.to_owned(), how));
        Ok(())
    }
}
