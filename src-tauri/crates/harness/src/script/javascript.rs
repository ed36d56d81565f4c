//! JavaScript in embedded QuickJS.
//!
//! One engine a thread, kept between calls with the functions that it has compiled, so that ten thousand small
//! assertions cost microseconds each. A script that ran out of time or memory takes its engine with it.

use super::{Limits, ScriptError};
use rquickjs::{
    CatchResultExt as _, CaughtError, Context, Ctx, Function, Module, Object, Persistent, Runtime,
    promise::MaybePromise,
};
use serde::Deserialize;
use serde_json::Value;
use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashSet,
    rc::Rc,
    time::Instant,
};

/// Stack of an engine, in bytes: room for deep templates, and far below the stack of the thread.
const STACK: usize = 512 * 1024;

/// Source that a program needs in its engine, evaluated there once.
#[derive(Debug)]
pub struct Library {
    /// A name that no other library has.
    pub name: &'static str,
    /// A script (not a module). It finds `module` and `exports` of its own and may add to `globalThis`.
    pub source: &'static str,
}

/// What is to be called.
#[derive(Clone, Debug)]
pub enum Program {
    /// The body of a function.
    Body {
        /// What must be there first.
        libraries: &'static [Library],
        /// Files whose exports the body finds by `__playbookExport(key, name)`, the key being [`module_key`].
        modules: std::sync::Arc<[Export]>,
        /// Names of its parameters, separated by commas.
        parameters: &'static str,
        /// The body, with its `return`.
        body: Cow<'static, str>,
    },
    /// A function that a file exports.
    Export(Export),
    /// The value that a file exports, not called.
    ExportedValue(Export),
}

/// Something that a JavaScript file exports.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Export {
    /// Name of the file, for messages; with the source it identifies the module.
    pub file: String,
    /// Text of the file: a CommonJS or an ECMAScript module that imports nothing.
    pub source: String,
    /// Which export; absent for the default one.
    pub name: Option<String>,
}

/// What a program returned.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Returned {
    /// `typeof`, and `null` for null.
    #[serde(rename = "type")]
    pub kind: String,
    /// The value as JSON; null where JSON has none (undefined, a function, NaN).
    #[serde(default)]
    pub value: Value,
    /// How JavaScript writes a number that JSON cannot hold.
    #[serde(default)]
    pub text: Option<String>,
}

impl Program {
    /// The body of a function that needs nothing but its arguments.
    pub fn body(parameters: &'static str, body: impl Into<Cow<'static, str>>) -> Self {
        Self::Body {
            libraries: &[],
            modules: std::sync::Arc::new([]),
            parameters,
            body: body.into(),
        }
    }
}

impl Returned {
    /// The value, unless it is null, undefined or a function.
    pub fn into_value(self) -> Option<Value> {
        (!self.value.is_null()).then_some(self.value)
    }

    /// The number, with NaN and infinities.
    pub fn number(&self) -> Option<f64> {
        if self.kind != "number" {
            return None;
        }
        let finite = self.value.as_f64();
        Some(finite.unwrap_or(match self.text.as_deref() {
            Some("Infinity") => f64::INFINITY,
            Some("-Infinity") => f64::NEG_INFINITY,
            _ => f64::NAN,
        }))
    }
}

struct Engine {
    // In the order in which they must go: nothing may outlive the runtime.
    call: Persistent<Function<'static>>,
    load: Persistent<Function<'static>>,
    keep: Persistent<Function<'static>>,
    has: Persistent<Function<'static>>,
    call_export: Persistent<Function<'static>>,
    read_export: Persistent<Function<'static>>,
    context: Context,
    runtime: Runtime,
    libraries: HashSet<&'static str>,
    deadline: Rc<Cell<Option<Instant>>>,
    expired: Rc<Cell<bool>>,
}

thread_local! {
    static ENGINE: RefCell<Option<Engine>> = const { RefCell::new(None) };
}

/// Runs a program on this thread and waits for it. From async code use [`super::run`], which has threads for it.
pub fn run_here(program: &Program, arguments: &[Value], limits: Limits) -> Result<Returned, ScriptError> {
    ENGINE.with(|cell| {
        // A script cannot call back into this function, so the engine is free.
        let mut slot = cell.borrow_mut();
        if slot.is_none() {
            *slot = Some(Engine::new()?);
        }
        let Some(engine) = slot.as_mut() else {
            return Err(ScriptError::Failed("no JavaScript engine".into()));
        };
        let outcome = engine.run(program, arguments, limits);
        if matches!(outcome, Err(ScriptError::Time(_) | ScriptError::Memory(_))) {
            *slot = None;
        }
        outcome
    })
}

impl Engine {
    fn new() -> Result<Self, ScriptError> {
        let failed = |error: rquickjs::Error| ScriptError::Failed(format!("QuickJS cannot start: {error}"));
        let runtime = Runtime::new().map_err(failed)?;
        runtime.set_max_stack_size(STACK);
        let deadline = Rc::new(Cell::new(None::<Instant>));
        let expired = Rc::new(Cell::new(false));
        let (until, flag) = (Rc::clone(&deadline), Rc::clone(&expired));
        runtime.set_interrupt_handler(Some(Box::new(move || {
            let over = until.get().is_some_and(|until| Instant::now() > until);
            if over {
                flag.set(true);
            }
            over
        })));
        let context = Context::full(&runtime).map_err(failed)?;
        let [call, load, keep, has, call_export, read_export] = context.with(|ctx| {
            let doors: Object = ctx.eval(include_str!("bootstrap.js")).map_err(failed)?;
            let door = |name: &str| -> Result<Persistent<Function<'static>>, ScriptError> {
                let function: Function = doors.get(name).map_err(failed)?;
                Ok(Persistent::save(&ctx, function))
            };
            Ok::<_, ScriptError>([
                door("call")?,
                door("load")?,
                door("keep")?,
                door("has")?,
                door("callExport")?,
                door("readExport")?,
            ])
        })?;
        Ok(Self {
            call,
            load,
            keep,
            has,
            call_export,
            read_export,
            context,
            runtime,
            libraries: HashSet::new(),
            deadline,
            expired,
        })
    }

    fn run(
        &mut self,
        program: &Program,
        arguments: &[Value],
        limits: Limits,
    ) -> Result<Returned, ScriptError> {
        let arguments = serde_json::to_string(arguments)
            .map_err(|error| ScriptError::Failed(format!("the arguments are not JSON: {error}")))?;
        self.runtime.set_memory_limit(limits.memory);
        self.expired.set(false);
        self.deadline.set(Instant::now().checked_add(limits.time));
        let mut fresh = Vec::new();
        let answer = self.context.with(|ctx| {
            let answer = self.call_in(&ctx, program, arguments, &mut fresh).catch(&ctx);
            answer.map_err(|caught| describe(&caught))
        });
        self.deadline.set(None);
        self.libraries.extend(fresh);
        if self.expired.get() {
            return Err(ScriptError::Time(limits.time));
        }
        let answer = answer.map_err(|error| match error {
            ScriptError::Memory(_) => ScriptError::Memory(limits.memory),
            other => other,
        })?;
        serde_json::from_str(&answer)
            .map_err(|error| ScriptError::Failed(format!("the result is not JSON: {error}")))
    }

    fn call_in<'js>(
        &self,
        ctx: &Ctx<'js>,
        program: &Program,
        arguments: String,
        fresh: &mut Vec<&'static str>,
    ) -> rquickjs::Result<String> {
        let promise: MaybePromise = match program {
            Program::Body {
                libraries,
                modules,
                parameters,
                body,
            } => {
                for export in modules.iter() {
                    self.module(ctx, export)?;
                }
                for library in *libraries {
                    if !self.libraries.contains(library.name) && !fresh.contains(&library.name) {
                        let load = self.load.clone().restore(ctx)?;
                        let exports: Object = load.call((library.name, library.source))?;
                        ctx.globals().set(library.name, exports)?;
                        fresh.push(library.name);
                    }
                }
                let call = self.call.clone().restore(ctx)?;
                call.call((*parameters, body.as_ref(), arguments))?
            }
            Program::Export(export) => {
                let key = self.module(ctx, export)?;
                let call = self.call_export.clone().restore(ctx)?;
                call.call((key, export.name.as_deref().unwrap_or(""), arguments))?
            }
            Program::ExportedValue(export) => {
                let key = self.module(ctx, export)?;
                let read = self.read_export.clone().restore(ctx)?;
                read.call((key, export.name.as_deref().unwrap_or("")))?
            }
        };
        promise.finish()
    }

    /// The key under which the engine keeps a file's module, which is loaded if it is not there yet.
    fn module<'js>(&self, ctx: &Ctx<'js>, export: &Export) -> rquickjs::Result<String> {
        let key = module_key(export);
        let has = self.has.clone().restore(ctx)?;
        if has.call((key.as_str(),))? {
            return Ok(key);
        }
        if is_ecmascript_module(&export.source) {
            let module = Module::declare(ctx.clone(), export.file.as_str(), export.source.as_str())?;
            let (module, evaluated) = module.eval()?;
            evaluated.finish::<()>()?;
            let keep = self.keep.clone().restore(ctx)?;
            keep.call::<_, ()>((key.as_str(), module.namespace()?))?;
        } else {
            let load = self.load.clone().restore(ctx)?;
            load.call::<_, rquickjs::Value>((key.as_str(), export.source.as_str()))?;
        }
        Ok(key)
    }
}

/// The name under which an engine keeps a module; templates find a filter's function by it.
pub fn module_key(export: &Export) -> String {
    let source = evidence::ContentHash::of(export.source.as_bytes());
    format!("{}#{source}", export.file)
}

/// Whether a file is an ECMAScript module: whether a line of it begins with `import` or `export`.
fn is_ecmascript_module(source: &str) -> bool {
    source.lines().any(|line| {
        ["import", "export"].iter().any(|word| {
            line.strip_prefix(word)
                .is_some_and(|rest| rest.starts_with([' ', '{', '*', '"', '\'']))
        })
    })
}

fn describe(caught: &CaughtError<'_>) -> ScriptError {
    match caught {
        CaughtError::Exception(exception) => {
            let message = exception.message().unwrap_or_default();
            let name: String = exception.as_object().get("name").unwrap_or_default();
            match name.as_str() {
                "PlaybookUnavailable" => ScriptError::Unsupported(message),
                "InternalError" if message.contains("out of memory") => ScriptError::Memory(0),
                // An import that no loader resolves.
                "ReferenceError" if message.starts_with("could not load module") => {
                    ScriptError::Unsupported("`import`".into())
                }
                "" => ScriptError::Threw(message),
                _ => ScriptError::Threw(format!("{name}: {message}")),
            }
        }
        // With no memory left there is none for an error object either.
        CaughtError::Value(value) if value.is_null() => ScriptError::Memory(0),
        CaughtError::Value(value) => ScriptError::Threw(
            value
                .as_string()
                .and_then(|text| text.to_string().ok())
                .unwrap_or_else(|| "the script threw something that is not an error".into()),
        ),
        CaughtError::Error(rquickjs::Error::WouldBlock) => {
            ScriptError::Failed("the script returned a promise that never settles".into())
        }
        CaughtError::Error(error) => ScriptError::Failed(error.to_string()),
    }
}
