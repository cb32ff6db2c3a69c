//! Requests: which are under way, and what comes of them. What that means for
//! an action is `js/fetch.js`'s, which gets it through `platform.exchanged`.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use rquickjs::convert::List;
use rquickjs::function::Opt;
use rquickjs::{Ctx, Function, Object, Result};
use url::Url;

use super::bytes::Bytes;
use super::member;
use crate::LOADING;
use crate::host::{self, Event, Exchange, Request};

#[derive(Default)]
struct UnderWay {
    last: u32,
    exchanges: BTreeMap<u32, Exchange>,
    /// Those that have news.
    ready: Vec<u32>,
}

thread_local! {
    static UNDER_WAY: RefCell<UnderWay> = RefCell::default();
    /// Whether the component has what requests need.
    static LEFT_OUT: Cell<bool> = const { Cell::new(false) };
}

pub(super) fn add<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    let http = Object::new(ctx.clone())?;
    http.set("isLoading", Function::new(ctx.clone(), || LOADING.get())?)?;
    http.set("parseUrl", Function::new(ctx.clone(), parse)?)?;
    http.set("send", Function::new(ctx.clone(), send)?)?;
    http.set("cancel", Function::new(ctx.clone(), cancel)?)?;
    native.set("http", http)
}

/// Tells that the component will have nothing to send requests with.
pub(super) fn leave_out(left_out: bool) {
    LEFT_OUT.set(left_out);
}

/// A URL as it is written, its protocol and origin, and whether it has a user
/// or a password in it.
fn parse(text: String, base: Opt<String>) -> Option<List<(String, String, String, bool)>> {
    let base = base.0.and_then(|base| Url::parse(&base).ok());
    let url = Url::options().base_url(base.as_ref()).parse(&text).ok()?;
    let credentials = !url.username().is_empty() || url.password().is_some();
    let protocol = format!("{}:", url.scheme());
    Some(List((url.to_string(), protocol, url.origin().ascii_serialization(), credentials)))
}

/// Sends a request: its number, or why it cannot be. Text in headers is bytes,
/// as in all of fetch.
fn send(
    method: String,
    url: String,
    headers: Vec<List<(String, String)>>,
    body: Option<Bytes>,
) -> List<(u32, Option<String>)> {
    match started(method, &url, headers, body) {
        Ok(id) => List((id, None)),
        Err(why) => List((0, Some(why))),
    }
}

fn started(
    method: String,
    url: &str,
    headers: Vec<List<(String, String)>>,
    body: Option<Bytes>,
) -> std::result::Result<u32, String> {
    if LEFT_OUT.get() {
        return Err(
            "the file does not mention `fetch`: its component cannot send requests".to_owned()
        );
    }
    let no_host = || format!("`{url}` has no host");
    let url = Url::parse(url).map_err(|error| error.to_string())?;
    let host = url.host_str().ok_or_else(no_host)?;
    let authority = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    };
    let path = match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    };
    let bytes = |text: String| text.chars().map(|c| u8::try_from(c).unwrap_or(b'?')).collect();
    let exchange = Exchange::start(Request {
        method,
        https: url.scheme() == "https",
        authority,
        path,
        headers: headers.into_iter().map(|List((name, value))| (name, bytes(value))).collect(),
        body: body.map(|body| body.0),
    })?;
    Ok(UNDER_WAY.with_borrow_mut(|under_way| {
        under_way.last += 1;
        under_way.exchanges.insert(under_way.last, exchange);
        under_way.last
    }))
}

fn cancel(id: u32) {
    UNDER_WAY.with_borrow_mut(|under_way| under_way.exchanges.remove(&id));
}

/// Whether any request is under way.
pub(super) fn is_waiting() -> bool {
    UNDER_WAY.with_borrow(|under_way| !under_way.exchanges.is_empty())
}

/// Waits for news, no longer than `until`.
pub(super) fn wait(until: Option<u64>) {
    UNDER_WAY.with_borrow_mut(|under_way| {
        let (ids, exchanges): (Vec<u32>, Vec<&Exchange>) = under_way.exchanges.iter().unzip();
        let ready = host::wait(&exchanges, until);
        under_way.ready = ready.into_iter().filter_map(|index| ids.get(index).copied()).collect();
    });
}

/// The next news: of which request, and what.
pub(super) fn take_news() -> Option<(u32, Event)> {
    UNDER_WAY.with_borrow_mut(|under_way| {
        while let Some(id) = under_way.ready.pop() {
            let Some(exchange) = under_way.exchanges.get_mut(&id) else { continue };
            let Some(event) = exchange.next() else { continue };
            if !matches!(event, Event::Head { .. }) {
                under_way.exchanges.remove(&id);
            }
            return Some((id, event));
        }
        None
    })
}

/// Tells scripts.
pub(super) fn tell<'js>(ctx: &Ctx<'js>, id: u32, event: Event) -> Result<()> {
    let exchanged: Function<'js> = member(ctx, "exchanged")?;
    match event {
        Event::Head { status, headers } => {
            let text = |value: Vec<u8>| value.into_iter().map(char::from).collect::<String>();
            let headers: Vec<_> =
                headers.into_iter().map(|(name, value)| List((name, text(value)))).collect();
            exchanged.call((id, "head", status, headers))
        }
        Event::Body(bytes) => exchanged.call((id, "body", Bytes(bytes))),
        Event::Failed(why) => exchanged.call((id, "failed", why)),
    }
}
