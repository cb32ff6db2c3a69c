//! `import` of the platform's modules: each becomes a module whose default is
//! what `require` answers, with its members beside it.

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::Declared;
use rquickjs::{Ctx, Exception, Function, Module, Object, Result, Runtime};

use super::member;

struct Modules;

/// Makes `import` find them.
pub(crate) fn serve(runtime: &Runtime) {
    runtime.set_loader(Modules, Modules);
}

impl Resolver for Modules {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        _: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        Ok(name.to_owned())
    }
}

impl Loader for Modules {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        let require: Function<'js> = member(ctx, "require")?;
        let found: Object<'js> = require.call((name,))?;
        let members: Vec<String> = found.keys::<String>().collect::<Result<_>>()?;
        let plain = |name: &&String| name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
        let names: Vec<&str> = members
            .iter()
            .filter(plain)
            .map(String::as_str)
            .filter(|name| *name != "default")
            .collect();
        let require_name = serde_free_quote(name);
        let text = format!(
            "const m = globalThis[\"\\0platform\"].require({require_name}); export default m; export const {{ {} }} = m;",
            names.join(", ")
        );
        Module::declare(ctx.clone(), name, text)
            .map_err(|_| Exception::throw_message(ctx, &format!("`{name}` cannot be imported")))
    }
}

/// A string literal.
fn serde_free_quote(text: &str) -> String {
    format!("{text:?}")
}
