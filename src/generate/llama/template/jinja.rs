//! The dialect of Jinja that chat templates are written in, run with a limit on its work.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Error, ErrorKind, Value, context};

use super::Special;

/// Instructions a template may execute: hundreds of times what a long conversation needs.
const FUEL: u64 = 2_000_000;
const NAME: &str = "chat";

/// One message as templates see it.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) role: &'static str,
    pub(super) content: String,
}

/// A compiled template.
pub(in crate::generate::llama) struct Jinja {
    environment: Environment<'static>,
    special: Special,
}

impl Jinja {
    pub(super) fn new(source: String, special: Special) -> Result<Self, Error> {
        let mut environment = Environment::new();
        environment.set_syntax(
            SyntaxConfig::builder()
                .trim_blocks(true)
                .lstrip_blocks(true)
                .build()?,
        );
        environment.set_fuel(Some(FUEL));
        environment
            .set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_function("raise_exception", raise_exception);
        environment.add_function("strftime_now", strftime_now);
        environment.add_template_owned(NAME, source)?;
        Ok(Self {
            environment,
            special,
        })
    }

    pub(super) fn render(&self, messages: &[Message]) -> Result<String, Error> {
        let messages: Value = messages
            .iter()
            .map(|message| context! { role => message.role, content => message.content.as_str() })
            .collect();
        self.environment.get_template(NAME)?.render(context! {
            messages => messages,
            add_generation_prompt => true,
            // Answers are shown as they come: no hidden reasoning where the model lets us choose.
            enable_thinking => false,
            bos_token => self.special.bos.as_str(),
            eos_token => self.special.eos.as_str(),
        })
    }
}

fn raise_exception(message: String) -> Result<String, Error> {
    Err(Error::new(ErrorKind::InvalidOperation, message))
}

fn strftime_now(format: &str) -> Result<String, Error> {
    jiff::fmt::strtime::format(format, &jiff::Zoned::now())
        .map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))
}
