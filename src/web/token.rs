//! The token of a server, and tickets: links that open the page once. The link is an argument of
//! the browser's process, where anyone who can list this computer's processes may read it; once
//! used, a ticket is worthless.

use super::Web;
use super::error::ApiError;
use axum::Json;
use axum::extract::State;
use parking_lot::Mutex;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use subtle::ConstantTimeEq;
use tokio::time::Instant;
use utoipa::ToSchema;

/// Path at which a ticket is exchanged for the token.
pub(crate) const PATH: &str = "/v1/token";

/// How long a ticket is valid.
const LIFETIME: Duration = Duration::from_secs(10 * 60);
/// Maximum number of unused tickets; beyond it, the oldest is dropped.
const TICKETS_MAX: usize = 64;

/// A server's secret, which authenticates requests: 256 random bits in hexadecimal. Does not
/// implement `Debug`.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Creates a random token.
    pub fn random() -> Self {
        let [high, low] = [rand::random::<u128>(), rand::random::<u128>()];
        Token(format!("{high:032x}{low:032x}"))
    }

    #[cfg(test)]
    pub(super) fn new(secret: &str) -> Self {
        Token(secret.to_owned())
    }

    /// Returns the token as text, for the user who started the server.
    pub fn show(&self) -> &str {
        &self.0
    }

    pub(crate) fn is(&self, given: &str) -> bool {
        self.0.as_bytes().ct_eq(given.as_bytes()).into()
    }
}

/// A secret that opens the page once, within its lifetime.
#[derive(Clone)]
pub(crate) struct Ticket(Token);

impl Ticket {
    /// Returns the ticket as text, for use in a link.
    pub(crate) fn show(&self) -> &str {
        self.0.show()
    }

    fn is(&self, given: &str) -> bool {
        self.0.is(given)
    }
}

/// Unused tickets, oldest first, each with the time when it was issued.
#[derive(Default)]
pub(crate) struct Tickets(Mutex<Vec<(Ticket, Instant)>>);

impl Tickets {
    /// Issues a new ticket.
    pub(crate) fn issue(&self) -> Ticket {
        let ticket = Ticket(Token::random());
        let mut tickets = self.0.lock();
        if tickets.len() >= TICKETS_MAX {
            tickets.remove(0);
        }
        tickets.push((ticket.clone(), Instant::now()));
        ticket
    }

    /// Uses up the ticket `given`. Returns `true` if the ticket existed and had not expired.
    pub(crate) fn redeem(&self, given: &str) -> bool {
        let mut tickets = self.0.lock();
        tickets.retain(|(_, since)| since.elapsed() < LIFETIME);
        let found = tickets.iter().position(|(ticket, _)| ticket.is(given));
        found.map(|at| tickets.remove(at)).is_some()
    }
}

/// Response body with the token that all other API requests must carry.
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenBody {
    token: String,
}

/// Exchanges a ticket for the token. The client sends the ticket in the `Authorization` header in
/// place of the token. A ticket can be used once.
#[utoipa::path(post, operation_id = "redeem_ticket", path = PATH, security(("ticket" = [])), responses(
    (status = 200, description = "The ticket was good", body = TokenBody),
    (status = "default", description = "It was used already, or is too old", body = ApiError),
))]
pub(crate) async fn redeem(State(web): State<Arc<Web>>) -> Json<TokenBody> {
    Json(TokenBody { token: web.access.token().show().to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_ticket_is_good_once_and_not_for_ever() {
        let tickets = Tickets::default();
        let (first, second) = (tickets.issue(), tickets.issue());
        assert!(!tickets.redeem("") && !tickets.redeem(&first.show()[1..]));
        assert!(tickets.redeem(first.show()) && !tickets.redeem(first.show()));
        tokio::time::advance(LIFETIME).await;
        assert!(!tickets.redeem(second.show()), "it is too old");
        let third = tickets.issue();
        for _ in 0..TICKETS_MAX {
            tickets.issue();
        }
        assert!(!tickets.redeem(third.show()), "it made room");
        assert_eq!(tickets.0.lock().len(), TICKETS_MAX);
    }
}
