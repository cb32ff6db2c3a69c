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
        let keys = found.keys::<String>().collect::<Result<Vec<String>>>()?;
        Module::declare(ctx.clone(), name, text(name, &keys))
            .map_err(|_| Exception::throw_message(ctx, &format!("`{name}` cannot be imported")))
    }
}

/// A module with these members. Its own names are numbers, so that members may
/// be called as they like, `delete` too.
fn text(name: &str, keys: &[String]) -> String {
    let module = literal(name);
    let mut text =
        format!("const m = globalThis[\"\\0platform\"].require({module});\nexport default m;\n");
    for (at, key) in keys.iter().filter(|key| *key != "default").enumerate() {
        let key = literal(key);
        text.push_str(&format!("const m{at} = m[{key}];\nexport {{ m{at} as {key} }};\n"));
    }
    text
}

/// A string as JavaScript writes it.
fn literal(text: &str) -> String {
    let escaped: String = text
        .chars()
        .map(|char| match char {
            '"' | '\\' => format!("\\{char}"),
            ' '..='~' => char.to_string(),
            _ => format!("\\u{{{:x}}}", u32::from(char)),
        })
        .collect();
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_literal_says_what_it_is_of() {
        assert_eq!(super::literal("a\"\\\n'\0€1"), r#""a\"\\\u{a}'\u{0}\u{20ac}1""#);
    }
}
