//! How large the window is in which the standard output is shown.

use std::os::fd::AsRawFd;

use nix::libc;

#[expect(
    unsafe_code,
    reason = "the kernel tells the size by ioctl alone, into a value that is ours"
)]
mod calls {
    use super::libc;

    nix::ioctl_read_bad!(tiocgwinsz, libc::TIOCGWINSZ, libc::winsize);

    /// In characters and in points; an error where this is no terminal.
    pub(super) fn size(of: libc::c_int) -> nix::Result<libc::winsize> {
        let mut size = libc::winsize { ws_row: 0, ws_col: 0, ws_xpixel: 0, ws_ypixel: 0 };
        // SAFETY: `size` is a valid `winsize` for the whole call, and the kernel writes nothing else.
        unsafe { tiocgwinsz(of, &raw mut size) }?;
        Ok(size)
    }
}

/// Rows and columns, where the standard output is a window that knows them.
pub fn size() -> Option<(usize, usize)> {
    let size = calls::size(std::io::stdout().as_raw_fd()).ok()?;
    let (rows, columns) = (usize::from(size.ws_row), usize::from(size.ws_col));
    (rows > 0 && columns > 0).then_some((rows, columns))
}
