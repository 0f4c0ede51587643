//! The texts of Unifeed's pages, in English and Dutch.

use super::address::HookProblem;
use super::selection::Mistake;
use super::start::{Problem, Standing};
use crate::caller::Unauthorized;
use crate::language::Language;

/// The texts of the pages.
pub(super) struct Words {
    pub(super) title: &'static str,
    pub(super) error: &'static str,
    pub(super) notice: &'static str,
    pub(super) token: &'static str,
    pub(super) token_good: &'static str,
    pub(super) family: &'static str,
    pub(super) generation: &'static str,
    pub(super) given: &'static str,
    pub(super) nothing_given: &'static str,
    pub(super) parameter: &'static str,
    pub(super) value: &'static str,
    pub(super) articles: &'static str,
    pub(super) none_found: &'static str,
    pub(super) only_looking: &'static str,
    pub(super) quantity: &'static str,
    pub(super) return_by: &'static str,
    pub(super) return_title: &'static str,
    pub(super) form_leads_to: &'static str,
    pub(super) json_field: &'static str,
    pub(super) oci_fields: &'static str,
    pub(super) field: &'static str,
    pub(super) send: &'static str,
    pub(super) by_script: &'static str,
    pub(super) without_script: &'static str,
    pub(super) sending: &'static str,
    pub(super) answered: &'static str,
    pub(super) not_delivered: &'static str,
    pub(super) posted_title: &'static str,
    pub(super) posted: &'static str,
    pub(super) of_cbap: &'static str,
    pub(super) foreign_origin: &'static str,
}

const ENGLISH: Words = Words {
    title: "Unifeed of the 2BA emulator",
    error: "Error:",
    notice: "This is an emulator on this computer, not 2BA. Its articles and prices are invented.",
    token: "Access token",
    token_good: "good. Fingerprint",
    family: "family",
    generation: "generation",
    given: "What this page was given",
    nothing_given: "No parameters.",
    parameter: "Parameter",
    value: "Value",
    articles: "Articles",
    none_found: "There is no such article.",
    only_looking: "There is no interfaceType, so a selection would not be returned.",
    quantity: "Quantity",
    return_by: "Return the selection by",
    return_title: "Return the selection",
    form_leads_to: "A form brings it to",
    json_field: "In the field Json:",
    oci_fields: "In these fields:",
    field: "Field",
    send: "Send",
    by_script: "The button posts it as JSON, in the background, to",
    without_script: "That takes a script, and scripts are off: the button sends a form with the \
                     field Json instead.",
    sending: "Sending ...",
    answered: "The receiver answered with status",
    not_delivered: "Not delivered, or the answer may not be read: the receiver has to run, to \
                    answer the OPTIONS request before it, and to allow this page's origin.",
    posted_title: "The selection is on its way",
    posted: "The emulator posts it as JSON to the receiver below, without waiting for the answer. \
             The journal tells what became of it.",
    of_cbap: "An access token goes along if the emulator was given one for the cbap.",
    foreign_origin: "The form was sent from the page of another site.",
};

const DUTCH: Words = Words {
    title: "Unifeed van de 2BA-emulator",
    error: "Fout:",
    notice: "Dit is een emulator op deze computer, niet 2BA. Artikelen en prijzen zijn verzonnen.",
    token: "Toegangstoken",
    token_good: "goed. Vingerafdruk",
    family: "familie",
    generation: "generatie",
    given: "Wat deze pagina meekreeg",
    nothing_given: "Geen parameters.",
    parameter: "Parameter",
    value: "Waarde",
    articles: "Artikelen",
    none_found: "Zo'n artikel is er niet.",
    only_looking: "Er is geen interfaceType, dus een selectie gaat niet terug.",
    quantity: "Aantal",
    return_by: "Geef de selectie terug via",
    return_title: "De selectie teruggeven",
    form_leads_to: "Een formulier brengt haar naar",
    json_field: "In het veld Json:",
    oci_fields: "In deze velden:",
    field: "Veld",
    send: "Versturen",
    by_script: "De knop stuurt haar als JSON, op de achtergrond, naar",
    without_script: "Daar is een script voor nodig, en scripts staan uit: de knop stuurt in plaats \
                     daarvan een formulier met het veld Json.",
    sending: "Bezig met versturen ...",
    answered: "De ontvanger antwoordde met status",
    not_delivered: "Niet bezorgd, of het antwoord is niet te lezen: de ontvanger moet draaien, het \
                    OPTIONS-verzoek vooraf beantwoorden en de herkomst van deze pagina toelaten.",
    posted_title: "De selectie is onderweg",
    posted: "De emulator stuurt haar als JSON naar de ontvanger hieronder en wacht niet op het \
             antwoord. In het journaal staat hoe het afliep.",
    of_cbap: "Er gaat een toegangstoken mee als de emulator er een kreeg voor de cbap.",
    foreign_origin: "Het formulier is verstuurd vanaf een pagina van een andere site.",
};

impl Words {
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Dutch => &DUTCH,
        }
    }
}

/// The problem with a start URL, and its remedy.
pub(super) const fn problem(language: Language, problem: Problem) -> &'static str {
    let (english, dutch) = match problem {
        Problem::Unreadable => (
            "The parameters are not form encoded; every value has to be URL-encoded.",
            "De parameters zijn niet goed gecodeerd; elke waarde moet URL-gecodeerd zijn.",
        ),
        Problem::Repeated => (
            "A parameter occurs twice.",
            "Een parameter komt twee keer voor.",
        ),
        Problem::UnknownType => (
            "There is no such interfaceType; write JSON, JSONPOST, SERVERJSONPOST, JSONGET, OCI, \
             OCI2 or DOWNLOAD.",
            "Dit interfaceType bestaat niet; schrijf JSON, JSONPOST, SERVERJSONPOST, JSONGET, OCI, \
             OCI2 of DOWNLOAD.",
        ),
        Problem::BadInterface => (
            "With an interfaceType goes an interface: a sum of 1 (article), 2 (selection list), \
             4 (product), 32 and 64 (objects), such as 3.",
            "Bij een interfaceType hoort een interface: een som van 1 (artikel), 2 (selectielijst), \
             4 (product), 32 en 64 (objecten), zoals 3.",
        ),
        Problem::WrongInterface => (
            "This interfaceType does not carry what interface asks for: JSON and JSONPOST take 1, \
             2 and 4, SERVERJSONPOST, OCI and OCI2 take 1 and 2, JSONGET takes 2, 32 and 64.",
            "Dit interfaceType kan niet brengen wat interface vraagt: JSON en JSONPOST gaan met 1, \
             2 en 4, SERVERJSONPOST, OCI en OCI2 met 1 en 2, JSONGET met 2, 32 en 64.",
        ),
        Problem::Hook(problem) => hook_problem(problem),
        Problem::BadRedirect => (
            "RedirectAfterPost has to be a whole http or https address.",
            "RedirectAfterPost moet een volledig http- of https-adres zijn.",
        ),
    };
    match language {
        Language::English => english,
        Language::Dutch => dutch,
    }
}

const fn hook_problem(problem: HookProblem) -> (&'static str, &'static str) {
    match problem {
        HookProblem::Missing => (
            "This interfaceType needs a hookUrl.",
            "Dit interfaceType heeft een hookUrl nodig.",
        ),
        HookProblem::Malformed => (
            "The hookUrl has to be a whole http or https address, without fragment and without \
             characters that need encoding.",
            "De hookUrl moet een volledig http- of https-adres zijn, zonder fragment en zonder \
             tekens die gecodeerd horen te zijn.",
        ),
        HookProblem::UsesTls => (
            "The emulator itself posts by http only: give a hookUrl without TLS.",
            "De emulator stuurt zelf alleen via http: geef een hookUrl zonder TLS.",
        ),
        HookProblem::Elsewhere => (
            "The emulator itself posts to this computer only: give a hookUrl on localhost, \
             127.0.0.1 or [::1].",
            "De emulator stuurt zelf alleen naar deze computer: geef een hookUrl op localhost, \
             127.0.0.1 of [::1].",
        ),
        HookProblem::IsHere => (
            "The emulator does not post to itself: give the hookUrl of your own program.",
            "De emulator stuurt niet naar zichzelf: geef de hookUrl van uw eigen programma.",
        ),
    }
}

/// The problem with an access token, and its remedy.
pub(super) const fn refusal(language: Language, reason: Unauthorized) -> &'static str {
    let (english, dutch) = match reason {
        Unauthorized::NoToken => (
            "There is none: log in at this emulator and give its access token as accessToken.",
            "Er is geen toegangstoken: log in bij deze emulator en geef het mee als accessToken.",
        ),
        Unauthorized::UnknownToken => (
            "The access token is unknown: it was not issued by this emulator.",
            "Het toegangstoken is onbekend: het is niet door deze emulator uitgegeven.",
        ),
        Unauthorized::Expired => (
            "The access token has expired: refresh it and start again.",
            "Het toegangstoken is verlopen: ververs het en begin opnieuw.",
        ),
        Unauthorized::Revoked => (
            "The access token was revoked: log in again.",
            "Het toegangstoken is ingetrokken: log opnieuw in.",
        ),
    };
    match language {
        Language::English => english,
        Language::Dutch => dutch,
    }
}

pub(super) const fn standing(language: Language, standing: Standing) -> &'static str {
    match (language, standing) {
        (Language::English, Standing::Used) => "used",
        (Language::English, Standing::Shown) => "no effect in the emulator",
        (Language::English, Standing::Unknown) => "no effect: unknown",
        (Language::English, Standing::Repeated) => "no effect: given before",
        (Language::Dutch, Standing::Used) => "gebruikt",
        (Language::Dutch, Standing::Shown) => "zonder effect in de emulator",
        (Language::Dutch, Standing::Unknown) => "zonder effect: onbekend",
        (Language::Dutch, Standing::Repeated) => "zonder effect: al gegeven",
    }
}

pub(super) const fn mistake(language: Language, mistake: Mistake) -> &'static str {
    match (language, mistake) {
        (Language::English, Mistake::NothingPicked) => "Pick at least one article.",
        (Language::Dutch, Mistake::NothingPicked) => "Kies minstens een artikel.",
        (Language::English, Mistake::Quantity(_)) => {
            "A quantity is a whole number from 1 to 99999."
        }
        (Language::Dutch, Mistake::Quantity(_)) => "Een aantal is een heel getal van 1 tot 99999.",
    }
}
