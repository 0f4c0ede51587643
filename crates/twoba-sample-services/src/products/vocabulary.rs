//! The makers, suppliers and classes, and the features of each class.

/// A maker or supplier. GS1 reserves GLNs that begin with 2 for private use.
#[derive(Debug)]
pub(crate) struct Party {
    /// The key in the catalog.
    pub(super) key: &'static str,
    /// The GLN, of thirteen digits.
    pub(crate) gln: &'static str,
    pub(crate) name: &'static str,
}

/// A class in the form of ETIM, from an unused range.
#[derive(Debug)]
pub(crate) struct Class {
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
    /// The class of its drawings, if it has any.
    pub(crate) modelling: Option<&'static str>,
    /// Codes, in the order of the catalog's columns.
    pub(crate) features: &'static [&'static str],
}

/// A property that the products of a class have.
#[derive(Debug)]
pub(crate) struct Feature {
    pub(crate) code: &'static str,
    pub(crate) description: &'static str,
    pub(crate) nature: Nature,
    pub(crate) unit: Option<&'static str>,
}

/// The nature of a feature's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nature {
    /// One value of a list.
    Alphanumeric,
    Logical,
    Numeric,
    Range,
}

impl Nature {
    /// ETIM's letter for it.
    pub(crate) const fn letter(self) -> &'static str {
        match self {
            Self::Alphanumeric => "A",
            Self::Logical => "L",
            Self::Numeric => "N",
            Self::Range => "R",
        }
    }
}

const fn party(key: &'static str, gln: &'static str, name: &'static str) -> Party {
    Party { key, gln, name }
}

pub(crate) static MAKERS: [Party; 5] = [
    party("goot", "2008710000011", "Goot & Zn. (verzonnen)"),
    party("elektro", "2008710000028", "Voorbeeld Elektro (verzonnen)"),
    party("water", "2008710000035", "Proefwater (verzonnen)"),
    party("licht", "2008710000042", "Lichtvoorbeeld (verzonnen)"),
    party("warmte", "2008710000059", "Warmte <&> Zo (verzonnen)"),
];

pub(crate) static SUPPLIERS: [Party; 4] = [
    party(
        "A",
        "2008710000103",
        "Groothandel Aan de Gracht (verzonnen)",
    ),
    party("B", "2008710000110", "Bedacht & Geleverd (verzonnen)"),
    party("C", "2008710000127", "Sanitair Compleet (verzonnen)"),
    party("D", "2008710000134", "De Installatieboer (verzonnen)"),
];

const fn class(
    code: &'static str,
    description: &'static str,
    features: &'static [&'static str],
) -> Class {
    Class {
        code,
        description,
        modelling: None,
        features,
    }
}

/// A class whose products can be drawn.
const fn drawn(class: Class, modelling: &'static str) -> Class {
    Class {
        modelling: Some(modelling),
        ..class
    }
}

#[rustfmt::skip]
pub(crate) static CLASSES: [Class; 16] = [
    drawn(class("EC990001", "Kabelgoten", &["EF990001", "EF990002", "EF990003", "EF990004", "EF990005"]), "MC990001"),
    class("EC990002", "Hulpstukken voor kabelgoten", &["EF990001", "EF990002", "EF990004", "EF990006"]),
    class("EC990003", "Installatieautomaten", &["EF990007", "EF990008", "EF990009", "EF990010"]),
    class("EC990004", "Aardlekschakelaars", &["EF990011", "EF990008", "EF990012", "EF990010"]),
    class("EC990005", "Wandcontactdozen", &["EF990013", "EF990004", "EF990014", "EF990015"]),
    class("EC990006", "Installatiedraad", &["EF990016", "EF990004", "EF990017", "EF990018"]),
    class("EC990007", "Installatiekabel", &["EF990016", "EF990019", "EF990017", "EF990020"]),
    class("EC990008", "Inbouwarmaturen", &["EF990001", "EF990021", "EF990022", "EF990023", "EF990024"]),
    drawn(class("EC990009", "Kogelkranen", &["EF990025", "EF990026", "EF990027", "EF990020"]), "MC990009"),
    drawn(class("EC990010", "Circulatiepompen", &["EF990025", "EF990028", "EF990029", "EF990030", "EF990020"]), "MC990010"),
    class("EC990011", "Installatiebuizen", &["EF990031", "EF990003", "EF990004", "EF990032"]),
    class("EC990012", "Inbouwspots", &["EF990033", "EF990021", "EF990022", "EF990023", "EF990004"]),
    class("EC990013", "Noodverlichting", &["EF990021", "EF990034", "EF990015"]),
    drawn(class("EC990014", "Koperen buizen", &["EF990031", "EF990003", "EF990026", "EF990027"]), "MC990014"),
    drawn(class("EC990015", "Paneelradiatoren", &["EF990002", "EF990003", "EF990038", "EF990004", "EF990020"]), "MC990015"),
    class("EC990016", "Kamerthermostaten", &["EF990035", "EF990004", "EF990036", "EF990037"]),
];

const fn feature(
    code: &'static str,
    description: &'static str,
    nature: Nature,
    unit: Option<&'static str>,
) -> Feature {
    Feature {
        code,
        description,
        nature,
        unit,
    }
}

const fn numeric(code: &'static str, description: &'static str, unit: &'static str) -> Feature {
    feature(code, description, Nature::Numeric, Some(unit))
}

const fn range(code: &'static str, description: &'static str, unit: &'static str) -> Feature {
    feature(code, description, Nature::Range, Some(unit))
}

const fn count(code: &'static str, description: &'static str) -> Feature {
    feature(code, description, Nature::Numeric, None)
}

const fn logical(code: &'static str, description: &'static str) -> Feature {
    feature(code, description, Nature::Logical, None)
}

const fn listed(code: &'static str, description: &'static str) -> Feature {
    feature(code, description, Nature::Alphanumeric, None)
}

pub(super) static FEATURES: [Feature; 38] = [
    numeric("EF990001", "Breedte", "mm"),
    numeric("EF990002", "Hoogte", "mm"),
    numeric("EF990003", "Lengte", "mm"),
    listed("EF990004", "Kleur"),
    logical("EF990005", "Met deksel"),
    listed("EF990006", "Soort hulpstuk"),
    listed("EF990007", "Karakteristiek"),
    numeric("EF990008", "Nominale stroom", "A"),
    numeric("EF990009", "Afschakelvermogen", "kA"),
    count("EF990010", "Aantal polen"),
    listed("EF990011", "Type aardlek"),
    numeric("EF990012", "Aanspreekstroom", "mA"),
    count("EF990013", "Aantal eenheden"),
    logical("EF990014", "Met randaarde"),
    listed("EF990015", "Montagewijze"),
    numeric("EF990016", "Aderdoorsnede", "mm²"),
    numeric("EF990017", "Lengte van de rol", "m"),
    logical("EF990018", "Massieve ader"),
    count("EF990019", "Aantal aders"),
    range("EF990020", "Temperatuur in gebruik", "°C"),
    numeric("EF990021", "Lichtstroom", "lm"),
    numeric("EF990022", "Kleurtemperatuur", "K"),
    logical("EF990023", "Dimbaar"),
    range("EF990024", "Kleurweergave", "Ra"),
    numeric("EF990025", "Nominale diameter", "mm"),
    listed("EF990026", "Materiaal"),
    numeric("EF990027", "Werkdruk", "bar"),
    numeric("EF990028", "Opvoerhoogte", "m"),
    range("EF990029", "Vermogen", "W"),
    logical("EF990030", "Toerenregeling"),
    numeric("EF990031", "Buitendiameter", "mm"),
    numeric("EF990032", "Drukweerstand", "N"),
    numeric("EF990033", "Zaagmaat", "mm"),
    numeric("EF990034", "Brandduur", "h"),
    range("EF990035", "Instelbereik", "°C"),
    logical("EF990036", "Modulerend"),
    numeric("EF990037", "Voedingsspanning", "V"),
    numeric("EF990038", "Warmteafgifte", "W"),
];

/// The meaning of the listed values.
static VALUES: [(&str, &str); 20] = [
    ("EV990001", "Wit"),
    ("EV990002", "Grijs"),
    ("EV990003", "Blauw"),
    ("EV990004", "Zwart"),
    ("EV990005", "Bruin"),
    ("EV990006", "Groen/geel"),
    ("EV990021", "Binnenhoek"),
    ("EV990022", "Buitenhoek"),
    ("EV990023", "Eindstuk"),
    ("EV990031", "B"),
    ("EV990032", "C"),
    ("EV990035", "A (wissel- en pulserende gelijkstroom)"),
    ("EV990036", "B (ook gladde gelijkstroom)"),
    ("EV990041", "Opbouw"),
    ("EV990042", "Inbouw"),
    ("EV990043", "Opbouw, aan plafond of wand"),
    ("EV990051", "Messing"),
    ("EV990052", "Roestvast staal"),
    ("EV990053", "Koper"),
    ("EV990054", "Kunststof"),
];

pub(super) fn party_of(parties: &'static [Party], key: &str) -> Option<&'static Party> {
    parties.iter().find(|party| party.key == key)
}

pub(super) fn class_of(code: &str) -> Option<&'static Class> {
    CLASSES.iter().find(|class| class.code == code)
}

pub(crate) fn feature_of(code: &str) -> Option<&'static Feature> {
    FEATURES.iter().find(|feature| feature.code == code)
}

/// The code and the meaning of a value.
pub(super) fn value_of(code: &str) -> Option<(&'static str, &'static str)> {
    VALUES.iter().find(|(known, _)| *known == code).copied()
}
