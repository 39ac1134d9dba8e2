//! What the system says of a chip, in the operator's words.

use std::io;
use std::path::Path;

use nix::errno::Errno;

/// What the system says.
pub(super) fn said(error: &gpiocdev::Error) -> String {
    match error {
        gpiocdev::Error::Uapi(_, error) => error.to_string(),
        gpiocdev::Error::Os(error) => error.to_string(),
        gpiocdev::Error::GpioChip(_, error) => error.to_string(),
        gpiocdev::Error::AbiLimitation(..)
        | gpiocdev::Error::InvalidArgument(_)
        | gpiocdev::Error::NoGpioChips()
        | gpiocdev::Error::NonuniqueLineName(_)
        | gpiocdev::Error::UnexpectedResponse(..)
        | gpiocdev::Error::UnsupportedAbi(..)
        | gpiocdev::Error::NoAbiSupport() => error.to_string(),
    }
}

/// Whether it says this: the crate names the error of the system by its text alone.
pub(super) fn means(said: &str, errno: Errno) -> bool {
    said.contains(&io::Error::from(errno).to_string())
}

/// What the system says, in the operator's words.
pub(super) fn refusal(path: &Path, error: &gpiocdev::Error) -> String {
    let (path, said) = (path.display(), said(error));
    let is = |errno: Errno| means(&said, errno);
    if is(Errno::EBUSY) {
        return format!("a line of {path} is held by another program: `gpioinfo` names it");
    }
    if is(Errno::ENODEV) {
        return format!("{path} was unplugged");
    }
    if is(Errno::ENOENT) {
        return format!("{path} is not there");
    }
    if is(Errno::EACCES) || is(Errno::EPERM) {
        return format!("permission denied on {path}: the account needs the group gpio");
    }
    if is(Errno::EINVAL) {
        return format!("{path} does not have one of the lines, or not its `bias`");
    }
    format!("{path} cannot be read as a GPIO chip: {said}")
}
