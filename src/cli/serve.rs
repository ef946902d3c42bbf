//! `kaizodo serve`: serves the page and its API until the program is interrupted.

use super::args::ServeArgs;
use super::{INTERRUPTED, OK, browser, fail, json, output, runtime, warn, warn_of};
use crate::config::{Env, Folders, Settings};
use crate::journal::JournalError;
use crate::lang::{Lang, Message};
use crate::session::{Session, Setup};
use crate::web::{Access, Server, Token, url, url_once};
use futures::FutureExt;
use serde::Serialize;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Default port. If it is in use, a free port is used instead.
const PORT: u16 = 4649;
/// How long to wait at the end, first for the journal and then for the server.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(1);

/// Time between two checks for problems to tell the user about.
const TELL: Duration = Duration::from_secs(1);

/// Where the server can be reached.
#[derive(Serialize)]
struct Reachable<'a> {
    url: &'a str,
    address: SocketAddr,
    token: &'a str,
}

/// Serves the page and its API until ^C.
pub(crate) fn run(args: &ServeArgs, env: Env) -> ExitCode {
    let programs = env.programs.clone();
    let setup = Setup::load(env, Folders::find(), &Settings::default());
    let lang = setup.lang();
    warn_of(&setup.problems, lang);
    runtime::block_on(lang, async {
        let mut interrupt = Box::pin(tokio::signal::ctrl_c().fuse());
        // After this first poll, ^C no longer terminates the process.
        let _ = futures::poll!(&mut interrupt);
        let session = Arc::new(setup.session(super::current_folder()));
        session.settings.reload_for("");
        let mut teller = Teller::new(&session, lang);
        teller.tell();
        let address = args.address.unwrap_or(Ipv4Addr::LOCALHOST.into());
        let listener = match listen(address, args.port).await {
            Ok(listener) => listener,
            Err(error) => return fail(&cannot_listen(address, args.port, &error, lang)),
        };
        let token = Token::random();
        let access = Arc::new(Access::new(token.clone(), address, args.allow_host.clone()));
        let server = match Server::new(listener, Arc::clone(&session), Arc::clone(&access)) {
            Ok(server) => server,
            Err(error) => return fail(&cannot_listen(address, args.port, &error, lang)),
        };
        if let Err(error) = announce(reachable(server.address()), &token, args.json) {
            return output::lost(&error);
        }
        let opens = args.open
            && browser::open(
                &programs,
                &url_once(reachable(server.address()), &access, None),
                lang,
            );
        hint(address, opens, lang);
        serve(server, &session, teller, interrupt).await
    })
}

/// Tells the user on standard error about problems with the settings and the journal.
struct Teller<'a> {
    session: &'a Session,
    trouble: watch::Receiver<Option<Arc<JournalError>>>,
    lang: Lang,
}

impl<'a> Teller<'a> {
    fn new(session: &'a Session, lang: Lang) -> Self {
        Teller { session, trouble: session.journal.trouble(), lang }
    }

    /// Tells the problems that have arisen since the last call.
    fn tell(&mut self) {
        let notices = self.session.settings.take_notices();
        notices.iter().for_each(|notice| warn(&notice.message(self.lang)));
        if self.trouble.has_changed().unwrap_or(false)
            && let Some(error) = &*self.trouble.borrow_and_update()
        {
            warn(&error.not_saved(self.lang));
        }
    }

    /// Tells problems as they arise, forever.
    async fn keep_telling(&mut self) -> Infallible {
        loop {
            tokio::time::sleep(TELL).await;
            self.tell();
        }
    }
}

/// Serves requests until the interrupt. Then stops and saves the runs before the server stops, so
/// that clients see how the runs end. A second ^C terminates the process.
async fn serve(
    server: Server,
    session: &Session,
    mut teller: Teller<'_>,
    interrupt: impl Future<Output = io::Result<()>>,
) -> ExitCode {
    let stop = CancellationToken::new();
    let serving = tokio::spawn(server.serve(stop.clone()));
    // If the signal handler could not be installed, the fused future never completes, and the
    // process has to be killed.
    tokio::select! {
        _ = interrupt => {}
        never = teller.keep_telling() => match never {},
    }
    tokio::spawn(async {
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(INTERRUPTED.into());
        }
    });
    session.stop_all();
    session.flush(SHUTDOWN_TIMEOUT).await;
    stop.cancel();
    let _ = tokio::time::timeout(SHUTDOWN_TIMEOUT, serving).await;
    teller.tell();
    ExitCode::from(OK)
}

/// Listens on `port` or, if it is `None`, on [`PORT`] or a free port.
async fn listen(address: IpAddr, port: Option<u16>) -> io::Result<TcpListener> {
    match TcpListener::bind((address, port.unwrap_or(PORT))).await {
        Err(error) if port.is_none() && error.kind() == io::ErrorKind::AddrInUse => {
            TcpListener::bind((address, 0)).await
        }
        bound => bound,
    }
}

/// Returns the address at which a browser on this computer reaches the server, which may listen on
/// all addresses.
fn reachable(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        ip if ip.is_unspecified() => (Ipv4Addr::LOCALHOST, address.port()).into(),
        _ => address,
    }
}

/// Prints the address of the page, as a line or as JSON.
fn announce(address: SocketAddr, token: &Token, as_json: bool) -> io::Result<()> {
    let url = url(address, token);
    let line = match as_json {
        true => json::line(&Reachable { url: &url, address, token: token.show() })?,
        false => format!("{url}\n").into_bytes(),
    };
    output::write(&line)
}

/// Tells the user what to do with the address, and whether other computers can use the server.
fn hint(address: IpAddr, opens: bool, lang: Lang) {
    if !address.is_loopback() {
        warn(lang.pick(
            "ほかのコンピューターからも、トークンを知っていれば使えます。通信は暗号化されません。",
            "Other computers can use this server, too, if they know the token. The connection is not encrypted.",
        ));
    }
    warn(match opens {
        true => lang.pick(
            "ページをブラウザーで開きます。Ctrl-C で終わります。",
            "Opening the page in your browser. Press Ctrl-C to stop the server.",
        ),
        false => lang.pick(
            "上のアドレスをブラウザーで開いてください。Ctrl-C で終わります。",
            "Open the address above in a browser. Press Ctrl-C to stop the server.",
        ),
    });
}

fn cannot_listen(address: IpAddr, port: Option<u16>, error: &io::Error, lang: Lang) -> String {
    let place = SocketAddr::new(address, port.unwrap_or(PORT));
    lang.pick(
        format!(
            "{place} で待ち受けられません（{error}）。別の --port か --address を指定してください。"
        ),
        format!("Cannot listen on {place} ({error}). Try another --port or --address."),
    )
}
