//! The services as a caller has them: by JSON, by SOAP and by Unifeed, against the emulator.

#[cfg(test)]
mod asking;
#[cfg(test)]
mod json;
#[cfg(test)]
mod soap;
#[cfg(test)]
mod unifeed;
