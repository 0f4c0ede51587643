//! A model of an authorization server, written from what servers are known to do with refresh
//! tokens and from nothing of ours. It decides which tokens are good; not how an answer looks.

use std::collections::BTreeMap;

use crate::judge::RequestId;

/// What becomes of a refresh token that is exchanged, and of one that is presented again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Policy {
    /// Each token is good once; one that is presented again ends its family.
    Strict,
    /// Inside the window a spent token gets the same successor again; outside it is as under
    /// [`Strict`](Self::Strict).
    Grace(u64),
    /// Each exchange brings another refresh token, and all of them stay good.
    Reusable,
    /// An answer has no refresh token, and the old one stays good.
    NoRotation,
}

/// What a login or a refresh brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Granted {
    pub(crate) access: String,
    pub(crate) refresh: Option<String>,
    /// Seconds, by the server's word; `None` where it does not say.
    pub(crate) expires_in: Option<u64>,
}

/// Why a family ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// A spent token was presented by one request; another had spent it.
    Reuse {
        by: RequestId,
        spent_by: Option<RequestId>,
    },
    /// The client revoked it.
    Revoked,
    /// The server's owner did.
    ByOwner,
    /// Nobody has refreshed it for too long.
    Idle,
}

/// How a refresh token stands to its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Presenting it brings tokens.
    Good,
    /// It will do so once the access token is nearer to its end.
    TooEarly,
    /// It was exchanged, and presenting it ends the family.
    Spent,
    /// Its family has ended.
    Over(Ended),
    /// Nobody made it.
    Unknown,
}

#[derive(Debug)]
struct Family {
    ended: Option<Ended>,
    /// When it was last refreshed, or began.
    used_at: u64,
    /// When its newest access token ends.
    access_ends: u64,
    /// The refresh tokens by generation.
    refresh: Vec<Refresh>,
}

#[derive(Debug)]
struct Refresh {
    spent: Option<Spent>,
}

#[derive(Debug)]
struct Spent {
    at: u64,
    by: RequestId,
    successor: Granted,
    access_ends: u64,
}

#[derive(Debug, Clone, Copy)]
struct Access {
    family: usize,
    ends: u64,
}

/// The server's state.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) policy: Policy,
    /// How long an access token is good, in milliseconds.
    pub(crate) lifetime: u64,
    /// What is said of that, in seconds.
    pub(crate) told: Option<u64>,
    /// How long before the end of an access token it refreshes at the earliest; `None` where it
    /// always does.
    pub(crate) late: Option<u64>,
    /// How long a grant lives that nobody refreshes; `None` for ever.
    pub(crate) idle: Option<u64>,
    families: Vec<Family>,
    refresh: BTreeMap<String, (usize, usize)>,
    access: BTreeMap<String, Access>,
    /// How many access tokens were made, so that no two are the same.
    made: u64,
    pub(crate) rotations: u64,
    pub(crate) reuses: u64,
}

impl Server {
    pub(crate) fn new(policy: Policy, lifetime: u64, told: Option<u64>) -> Self {
        Self {
            policy,
            lifetime,
            told,
            late: None,
            idle: None,
            families: Vec::new(),
            refresh: BTreeMap::new(),
            access: BTreeMap::new(),
            made: 0,
            rotations: 0,
            reuses: 0,
        }
    }

    /// A login: a family begins.
    pub(crate) fn log_in(&mut self, now: u64) -> Granted {
        let family = self.families.len();
        self.families.push(Family {
            ended: None,
            used_at: now,
            access_ends: now,
            refresh: Vec::new(),
        });
        let refresh = self.make_refresh(family);
        self.grant(now, family, Some(refresh))
    }

    /// A token for a client itself; some servers bring a refresh token with it.
    pub(crate) fn own_token(&mut self, now: u64, refreshable: bool) -> Granted {
        let granted = self.log_in(now);
        Granted {
            refresh: granted.refresh.filter(|_| refreshable),
            ..granted
        }
    }

    /// Exchanges a refresh token.
    pub(crate) fn refresh(
        &mut self,
        now: u64,
        token: &str,
        by: RequestId,
    ) -> Result<Granted, Standing> {
        let Some(&(family, generation)) = self.refresh.get(token) else {
            return Err(Standing::Unknown);
        };
        let standing = self.standing(now, token);
        if standing == Standing::Spent {
            self.reuses += 1;
            let spent = &self.families[family].refresh[generation].spent;
            let spent_by = spent.as_ref().map(|spent| spent.by);
            // RFC 9700 section 4.14.2: nobody can tell the thief from the owner, so both lose.
            self.end(family, Ended::Reuse { by, spent_by });
        }
        if standing != Standing::Good {
            return Err(standing);
        }
        self.families[family].used_at = now;
        let rotates = match self.policy {
            Policy::NoRotation => return Ok(self.rotated(now, family, None)),
            Policy::Reusable => false,
            Policy::Strict | Policy::Grace(_) => true,
        };
        if let Some(spent) = &self.families[family].refresh[generation].spent {
            let mut again = spent.successor.clone();
            let left = spent.access_ends.saturating_sub(now) / 1000;
            again.expires_in = again.expires_in.map(|told| told.min(left));
            return Ok(again);
        }
        let refresh = self.make_refresh(family);
        let granted = self.rotated(now, family, Some(refresh));
        if rotates {
            self.families[family].refresh[generation].spent = Some(Spent {
                at: now,
                by,
                successor: granted.clone(),
                access_ends: now + self.lifetime,
            });
        }
        Ok(granted)
    }

    /// What presenting this token would come to.
    pub(crate) fn standing(&self, now: u64, token: &str) -> Standing {
        let Some(&(family, generation)) = self.refresh.get(token) else {
            return Standing::Unknown;
        };
        let family = &self.families[family];
        if let Some(ended) = self.ended(now, family) {
            return Standing::Over(ended);
        }
        let window = match self.policy {
            Policy::Grace(window) => window,
            Policy::Strict | Policy::Reusable | Policy::NoRotation => 0,
        };
        match &family.refresh[generation].spent {
            Some(spent) if now - spent.at >= window => Standing::Spent,
            None if self
                .late
                .is_some_and(|late| now + late < family.access_ends) =>
            {
                Standing::TooEarly
            }
            Some(_) | None => Standing::Good,
        }
    }

    fn ended(&self, now: u64, family: &Family) -> Option<Ended> {
        let idle = self.idle.is_some_and(|idle| now - family.used_at >= idle);
        family.ended.or(idle.then_some(Ended::Idle))
    }

    /// From now on no grant ends because nobody uses it.
    pub(crate) fn forgets_nobody(&mut self, now: u64) {
        for family in 0..self.families.len() {
            self.families[family].ended = self.ended(now, &self.families[family]);
        }
        self.idle = None;
    }

    /// When an access token ends.
    pub(crate) fn ends_at(&self, access: &str) -> Option<u64> {
        Some(self.access.get(access)?.ends)
    }

    /// Whether this token was exchanged, in the window or not.
    pub(crate) fn is_spent(&self, token: &str) -> bool {
        self.refresh
            .get(token)
            .is_some_and(|&(family, generation)| {
                self.families[family].refresh[generation].spent.is_some()
            })
    }

    /// Ends the family of a token of either kind.
    pub(crate) fn revoke(&mut self, token: &str, why: Ended) {
        let by_refresh = self.refresh.get(token).map(|&(family, _)| family);
        let by_access = self.access.get(token).map(|access| access.family);
        if let Some(family) = by_refresh.or(by_access) {
            self.end(family, why);
        }
    }

    /// Whether a service takes this access token.
    pub(crate) fn accepts(&self, now: u64, token: &str) -> bool {
        self.access
            .get(token)
            .is_some_and(|access| now < access.ends && self.lives(token))
    }

    /// Whether the family of this access token has not ended.
    pub(crate) fn lives(&self, token: &str) -> bool {
        self.access
            .get(token)
            .is_some_and(|access| self.families[access.family].ended.is_none())
    }

    fn end(&mut self, family: usize, why: Ended) {
        self.families[family].ended.get_or_insert(why);
    }

    fn make_refresh(&mut self, family: usize) -> String {
        let tokens = &mut self.families[family].refresh;
        let token = format!("rt-{family}-{}", tokens.len() + 1);
        self.refresh.insert(token.clone(), (family, tokens.len()));
        tokens.push(Refresh { spent: None });
        token
    }

    fn rotated(&mut self, now: u64, family: usize, refresh: Option<String>) -> Granted {
        self.rotations += 1;
        self.grant(now, family, refresh)
    }

    fn grant(&mut self, now: u64, family: usize, refresh: Option<String>) -> Granted {
        self.made += 1;
        let access = format!("at-{family}-{}", self.made);
        let ends = now + self.lifetime;
        self.families[family].access_ends = ends;
        self.access.insert(access.clone(), Access { family, ends });
        Granted {
            access,
            refresh,
            expires_in: self.told,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY: RequestId = 1;

    fn server(policy: Policy) -> (Server, String) {
        let mut server = Server::new(policy, 120_000, Some(120));
        let token = server.log_in(0).refresh.unwrap();
        (server, token)
    }

    #[test]
    fn a_strict_server_ends_the_family_of_a_spent_token() {
        let (mut server, first) = server(Policy::Strict);
        let second = server.refresh(10, &first, BY).unwrap().refresh.unwrap();
        assert_eq!(server.standing(10, &first), Standing::Spent);
        assert_eq!(server.refresh(10, &first, 2), Err(Standing::Spent));
        let ended = Ended::Reuse {
            by: 2,
            spent_by: Some(BY),
        };
        assert_eq!(server.standing(10, &second), Standing::Over(ended));
        assert_eq!(server.refresh(10, &second, 3), Err(Standing::Over(ended)));
        assert_eq!((server.rotations, server.reuses), (1, 1));
    }

    #[test]
    fn a_grace_window_repeats_the_successor_and_then_is_strict() {
        let (mut server, first) = server(Policy::Grace(30_000));
        let second = server.refresh(10, &first, BY).unwrap();
        let again = server.refresh(30_009, &first, BY).unwrap();
        assert_eq!(
            (&again.access, &again.refresh),
            (&second.access, &second.refresh)
        );
        assert_eq!(again.expires_in, Some(90));
        assert_eq!(server.rotations, 1);
        assert_eq!(server.refresh(30_010, &first, BY), Err(Standing::Spent));
        assert!(!server.accepts(30_010, &second.access));
    }

    #[test]
    fn reusable_tokens_stay_good() {
        let (mut server, first) = server(Policy::Reusable);
        let second = server.refresh(10, &first, BY).unwrap().refresh.unwrap();
        for token in [&first, &second, &first] {
            assert!(server.refresh(20, token, BY).unwrap().refresh.is_some());
        }
        assert_eq!(server.reuses, 0);
    }

    #[test]
    fn without_rotation_an_answer_has_no_refresh_token() {
        let (mut server, first) = server(Policy::NoRotation);
        for _ in 0..3 {
            let granted = server.refresh(10, &first, BY).unwrap();
            assert_eq!(granted.refresh, None);
            assert!(server.accepts(120_009, &granted.access));
            assert!(!server.accepts(120_010, &granted.access));
        }
    }

    #[test]
    fn a_server_that_refreshes_late_spends_nothing_before() {
        let (mut server, first) = server(Policy::Grace(30_000));
        server.late = Some(20_000);
        assert_eq!(server.refresh(99_999, &first, BY), Err(Standing::TooEarly));
        let second = server.refresh(100_000, &first, BY).unwrap();
        let again = server.refresh(100_001, &first, BY).unwrap();
        assert_eq!(again.access, second.access);
        let second = second.refresh.unwrap();
        assert_eq!(server.standing(199_999, &second), Standing::TooEarly);
        assert_eq!(server.standing(200_000, &second), Standing::Good);
    }

    #[test]
    fn an_unused_grant_ends_and_each_refresh_is_a_use() {
        let (mut server, first) = server(Policy::NoRotation);
        server.idle = Some(200_000);
        let access = server.refresh(199_999, &first, BY).unwrap().access;
        assert_eq!(server.ends_at(&access), Some(319_999));
        assert_eq!(server.standing(399_998, &first), Standing::Good);
        let over = Standing::Over(Ended::Idle);
        assert_eq!(server.standing(399_999, &first), over);
        server.forgets_nobody(399_999);
        assert_eq!(server.refresh(400_000, &first, BY), Err(over));
    }

    #[test]
    fn a_revoked_family_is_over() {
        let (mut server, first) = server(Policy::Strict);
        let access = server.refresh(10, &first, BY).unwrap().access;
        server.revoke(&access, Ended::Revoked);
        assert!(!server.lives(&access) && !server.accepts(11, &access));
        assert_eq!(server.standing(11, &first), Standing::Over(Ended::Revoked));
        assert_eq!(server.standing(11, "rt-9-9"), Standing::Unknown);
    }
}
