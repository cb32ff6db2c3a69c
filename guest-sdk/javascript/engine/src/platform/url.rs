//! URLs and forms as the WHATWG says, by the `url` crate; `js/url.js` calls it.
//!
//! A URL lives in JavaScript as its parts: there is nothing here to keep alive
//! or to free, and a snapshot holds only strings.

use percent_encoding::percent_decode_str;
use rquickjs::{Ctx, Function, Object, Result, TypedArray};
use url::{Url, form_urlencoded, quirks};

use super::text::{Text, uint8_array};

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("parseUrl", Function::new(ctx.clone(), parse)?)?;
    native.set("changeUrl", Function::new(ctx.clone(), change)?)?;
    native.set("parseForm", Function::new(ctx.clone(), parse_form)?)?;
    native.set("writeForm", Function::new(ctx.clone(), write_form)?)?;
    native.set("domainToAscii", Function::new(ctx.clone(), domain_to_ascii)?)?;
    native.set("domainToUnicode", Function::new(ctx.clone(), domain_to_unicode)?)?;
    native.set("unescape", Function::new(ctx.clone(), unescape)?)?;
    native.set("unescapeBytes", Function::new(ctx.clone(), unescape_bytes)?)
}

/// The parts of a URL, in the order that `js/url.js` names them.
fn parts(url: &Url) -> Vec<Text> {
    let origin = quirks::origin(url);
    let parts = [
        url.as_str(),
        quirks::protocol(url),
        quirks::username(url),
        quirks::password(url),
        quirks::host(url),
        quirks::hostname(url),
        quirks::port(url),
        quirks::pathname(url),
        quirks::search(url),
        quirks::hash(url),
        origin.as_str(),
    ];
    parts.into_iter().map(|part| Text(part.to_owned())).collect()
}

fn parse(input: Text, base: Option<Text>) -> Option<Vec<Text>> {
    let base = match base {
        Some(base) => Some(Url::parse(&base.0).ok()?),
        None => None,
    };
    Url::options().base_url(base.as_ref()).parse(&input.0).ok().map(|url| parts(&url))
}

/// What a setter makes of a URL; one that refuses the value leaves it as it is.
fn change(href: Text, part: String, value: Text) -> Option<Vec<Text>> {
    let mut url = Url::parse(&href.0).ok()?;
    let value = value.0.as_str();
    // Each of them says whether it did anything, which a setter does not tell.
    _ = match part.as_str() {
        "href" => return parse(Text(value.to_owned()), None),
        "protocol" => quirks::set_protocol(&mut url, value),
        "username" => quirks::set_username(&mut url, value),
        "password" => quirks::set_password(&mut url, value),
        "host" => quirks::set_host(&mut url, value),
        "hostname" => quirks::set_hostname(&mut url, value),
        "port" => quirks::set_port(&mut url, value),
        "pathname" => {
            quirks::set_pathname(&mut url, value);
            Ok(())
        }
        "search" => {
            quirks::set_search(&mut url, value);
            Ok(())
        }
        "hash" => {
            quirks::set_hash(&mut url, value);
            Ok(())
        }
        _ => return None,
    };
    Some(parts(&url))
}

/// Names and values in turn.
fn parse_form(text: Text) -> Vec<Text> {
    form_urlencoded::parse(text.0.as_bytes())
        .flat_map(|(name, value)| [Text(name.into_owned()), Text(value.into_owned())])
        .collect()
}

fn write_form(pairs: Vec<Text>) -> Text {
    let mut form = form_urlencoded::Serializer::new(String::new());
    for pair in pairs.chunks_exact(2) {
        form.append_pair(&pair[0].0, &pair[1].0);
    }
    Text(form.finish())
}

fn domain_to_ascii(domain: Text) -> Text {
    Text(quirks::domain_to_ascii(&domain.0))
}

fn domain_to_unicode(domain: Text) -> Text {
    Text(quirks::domain_to_unicode(&domain.0))
}

/// `querystring.unescape`: what is no escape stays, what is no UTF-8 becomes
/// U+FFFD.
fn unescape(text: Text) -> Text {
    Text(percent_decode_str(&text.0).decode_utf8_lossy().into_owned())
}

fn unescape_bytes(ctx: Ctx<'_>, text: Text) -> Result<TypedArray<'_, u8>> {
    uint8_array(&ctx, percent_decode_str(&text.0).collect())
}
