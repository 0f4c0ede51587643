//! The enumerations: the values that Product Data 1.0.0-Preview3 knows.
//!
//! Made of `schemas.txt` by `cargo xtask product-data`.

open_enumeration! {
    /// Whether something is taken off a price or put on it.
    AllowanceSurchargeIndicator {
        Allowance = "ALLOWANCE", Surcharge = "SURCHARGE",
    }
}

open_enumeration! {
    /// Why something is taken off a price or put on it.
    AllowanceSurchargeTypes {
        Aat = "AAT", Abl = "ABL", Ado = "ADO", Adr = "ADR", Adz = "ADZ", Aem = "AEM",
        Aeo = "AEO", Aep = "AEP", Aeq = "AEQ", Cai = "CAI", Dae = "DAE", Dbd = "DBD", Fc = "FC",
        Hd = "HD", Ins = "INS", Mac = "MAC", Mat = "MAT", Pad = "PAD", Pi = "PI", Qd = "QD",
        Rad = "RAD", Sh = "SH", Td = "TD", Whe = "WHE", X21 = "X21",
    }
}

open_enumeration! {
    /// What an attachment is, by its code.
    AttachmentType {
        Atx001 = "ATX001", Atx002 = "ATX002", Atx003 = "ATX003", Atx004 = "ATX004",
        Atx010 = "ATX010", Atx011 = "ATX011", Atx012 = "ATX012", Atx013 = "ATX013",
        Atx014 = "ATX014", Atx015 = "ATX015", Atx016 = "ATX016", Atx017 = "ATX017",
        Atx018 = "ATX018", Atx019 = "ATX019", Atx020 = "ATX020", Atx021 = "ATX021",
        Atx022 = "ATX022", Atx023 = "ATX023", Atx024 = "ATX024", Atx025 = "ATX025",
        Atx026 = "ATX026", Atx099 = "ATX099",
    }
}

open_enumeration! {
    /// What an attachment is more exactly, by its code.
    AttachmentTypeSpecification {
        Mdx002 = "MDX002", Mdx005 = "MDX005", Mdx007 = "MDX007", Mdx008 = "MDX008",
        Mdx010 = "MDX010", Mdx012 = "MDX012", Mdx013 = "MDX013", Mdx014 = "MDX014",
        Mdx015 = "MDX015", Mdx016 = "MDX016", Mdx017 = "MDX017", Mdx018 = "MDX018",
        Mdx019 = "MDX019", Mdx020 = "MDX020", Mdx021 = "MDX021", Mdx022 = "MDX022",
        Mdx023 = "MDX023", Mdx024 = "MDX024", Mdx025 = "MDX025", Mdx026 = "MDX026",
        Mdx027 = "MDX027", Mdx028 = "MDX028", Mdx029 = "MDX029", Mdx030 = "MDX030",
        Mdx033 = "MDX033", Mdx034 = "MDX034", Mdx035 = "MDX035", Mdx037 = "MDX037",
        Mdx038 = "MDX038", Mdx039 = "MDX039", Mdx041 = "MDX041", Mdx042 = "MDX042",
        Mdx045 = "MDX045", Mdx047 = "MDX047", Mdx048 = "MDX048", Mdx049 = "MDX049",
        Mdx050 = "MDX050", Mdx051 = "MDX051", Mdx052 = "MDX052", Mdx053 = "MDX053",
        Mdx054 = "MDX054", Mdx055 = "MDX055", Mdx057 = "MDX057", Mdx058 = "MDX058",
        Mdx059 = "MDX059", Mdx060 = "MDX060", Mdx061 = "MDX061", Mdx062 = "MDX062",
        Mdx063 = "MDX063", Mdx064 = "MDX064", Mdx065 = "MDX065", Mdx100 = "MDX100",
        Mdx101 = "MDX101", Mdx102 = "MDX102", Mdx103 = "MDX103", Mdx104 = "MDX104",
        Mdx105 = "MDX105", Mdx106 = "MDX106", Mdx107 = "MDX107", Mdx108 = "MDX108",
        Mdx109 = "MDX109", Mdx999 = "MDX999",
    }
}

open_enumeration! {
    /// A currency, by its code in ISO 4217.
    CurrencyCode {
        Eur = "EUR", Usd = "USD", Gbp = "GBP", Chf = "CHF", Sek = "SEK", Nok = "NOK",
        Dkk = "DKK", Pln = "PLN", Czk = "CZK",
    }
}

open_enumeration! {
    /// The unit that the indicators of an assessment are for.
    DeclaredUnit {
        Kgm = "KGM", Ltr = "LTR", Mtk = "MTK", Mtq = "MTQ", Mtr = "MTR", Pce = "PCE",
        Tne = "TNE", Fot = "FOT", Ftk = "FTK", Ftq = "FTQ", Lbr = "LBR", Ltn = "LTN",
        Ydk = "YDK", Yrd = "YRD",
    }
}

open_enumeration! {
    /// A unit of length.
    DimensionUnit {
        Cmt = "CMT", Dmt = "DMT", Kmt = "KMT", Mmt = "MMT", Mtr = "MTR", Fot = "FOT",
        Inh = "INH", Smi = "SMI", Yrd = "YRD",
    }
}

open_enumeration! {
    /// Whether a trade item is new.
    ItemCondition {
        New = "NEW", Used = "USED", Refurbished = "REFURBISHED",
    }
}

open_enumeration! {
    /// Where a trade item is in its life.
    ItemStatus {
        PreLaunch = "PRE-LAUNCH", Active = "ACTIVE", OnHold = "ON HOLD",
        PlannedWithdrawal = "PLANNED WITHDRAWAL", Obsolete = "OBSOLETE",
    }
}

open_enumeration! {
    /// Whether a stage was declared.
    LcaDeclarationIndicator {
        Mde = "MDE", Mnd = "MND", Mnr = "MNR", Agg = "AGG",
    }
}

open_enumeration! {
    /// A stage of the life of a product, or several together.
    LifeCycleStage {
        A1 = "A1", A2 = "A2", A3 = "A3", A1A3 = "A1-A3", A4 = "A4", A5 = "A5", B1 = "B1",
        B2 = "B2", B3 = "B3", B4 = "B4", B5 = "B5", B6 = "B6", B7 = "B7", B1B7 = "B1-B7",
        C1 = "C1", C2 = "C2", C3 = "C3", C4 = "C4", C1C4 = "C1-C4", D = "D",
    }
}

open_enumeration! {
    /// A kind of package.
    PackagingTypeCode {
        Be = "BE", Bg = "BG", Bj = "BJ", Bo = "BO", Br = "BR", Bx = "BX", C62 = "C62", Ca = "CA",
        Cl = "CL", Cq = "CQ", Cr = "CR", Cs = "CS", Ct = "CT", Cy = "CY", D99 = "D99", Dr = "DR",
        Ev = "EV", Kg = "KG", Ne = "NE", Pa = "PA", Pf = "PF", Pk = "PK", Pl = "PL", Pr = "PR",
        Pu = "PU", Rg = "RG", Rl = "RL", Ro = "RO", Sa = "SA", Set = "SET", Tn = "TN", Tu = "TU",
        Wr = "WR", Z2 = "Z2", Z3 = "Z3",
    }
}

open_enumeration! {
    /// Where a product is in its life.
    ProductStatus {
        PreLaunch = "PRE-LAUNCH", Active = "ACTIVE", OnHold = "ON HOLD",
        PlannedWithdrawal = "PLANNED WITHDRAWAL", Obsolete = "OBSOLETE",
    }
}

open_enumeration! {
    /// What kind of product it is.
    ProductType {
        Physical = "PHYSICAL", Contract = "CONTRACT", Licence = "LICENCE", Service = "SERVICE",
    }
}

open_enumeration! {
    /// Why a feature has no value.
    ReasonNoValue {
        Mv = "MV", Na = "NA", Un = "UN",
    }
}

open_enumeration! {
    /// What another trade item is to this one.
    RelationType {
        Accessory = "ACCESSORY", ConsistsOf = "CONSISTS_OF", Consumables = "CONSUMABLES",
        CrossSelling = "CROSS-SELLING", MainProduct = "MAIN_PRODUCT", Mandatory = "MANDATORY",
        Predecessor = "PREDECESSOR", Refurbished = "REFURBISHED", Select = "SELECT",
        Similar = "SIMILAR", Sparepart = "SPAREPART", Successor = "SUCCESSOR",
        Upselling = "UPSELLING", Used = "USED", Other = "OTHER",
    }
}

open_enumeration! {
    /// Who verified an assessment.
    ThirdPartyVerification {
        None = "none", Internally = "internally", Externally = "externally",
    }
}

open_enumeration! {
    /// A unit of what is ordered or priced.
    UnitCodes {
        Ann = "ANN", Day = "DAY", Hur = "HUR", Min = "MIN", Sec = "SEC", Wee = "WEE",
        Grm = "GRM", Kgm = "KGM", Mgm = "MGM", Tne = "TNE", Ltn = "LTN", Lbr = "LBR",
        Onz = "ONZ", Cmt = "CMT", Ktm = "KTM", Mmt = "MMT", Mtr = "MTR", Fot = "FOT",
        Inh = "INH", Smi = "SMI", Yrd = "YRD", Cmk = "CMK", Cmq = "CMQ", Mmk = "MMK",
        Mmq = "MMQ", Mtk = "MTK", Mtq = "MTQ", Ftq = "FTQ", Inq = "INQ", Ltr = "LTR",
        Mlt = "MLT", Hlt = "HLT", Be = "BE", Bg = "BG", Bo = "BO", Bx = "BX", Ca = "CA",
        Ci = "CI", Cl = "CL", Cq = "CQ", Cr = "CR", Cs = "CS", Ct = "CT", Dr = "DR", C62 = "C62",
        Dzn = "DZN", Nmp = "NMP", Npl = "NPL", Nrl = "NRL", Pa = "PA", Pf = "PF", Pk = "PK",
        Pl = "PL", Pr = "PR", Pu = "PU", Rg = "RG", Rl = "RL", Ro = "RO", Sa = "SA", Set = "SET",
        St = "ST", Tn = "TN", Tu = "TU", Z2 = "Z2", Z3 = "Z3", D99 = "D99", Kg = "KG",
    }
}

open_enumeration! {
    /// A unit of volume.
    VolumeUnit {
        Ftq = "FTQ", Inq = "INQ", Mtq = "MTQ", Mmq = "MMQ", Oza = "OZA", Gll = "GLL",
        Ltr = "LTR", Mlt = "MLT", Pt = "PT", Qt = "QT",
    }
}

open_enumeration! {
    /// A unit of weight.
    WeightUnit {
        Grm = "GRM", Kgm = "KGM", Mgm = "MGM", Tne = "TNE", Ltn = "LTN", Lbr = "LBR",
        Onz = "ONZ",
    }
}
