//! Workarounds for graphics drivers, applied only where they are known to be needed and nobody has decided already.

/// NVIDIA's driver on Wayland ends WebKitGTK's connection ("Error 71") unless explicit sync is off.
/// See <https://github.com/tauri-apps/tauri/issues/10702>.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "an environment variable is set before any thread is started"
)]
pub fn prepare() {
    let nvidia = std::path::Path::new("/proc/driver/nvidia/version").exists();
    let wayland = std::env::var_os("WAYLAND_DISPLAY").is_some();
    if nvidia && wayland && std::env::var_os("__NV_DISABLE_EXPLICIT_SYNC").is_none() {
        // SAFETY: this is the first thing that main does; no other thread reads the environment.
        unsafe { std::env::set_var("__NV_DISABLE_EXPLICIT_SYNC", "1") };
    }
}

/// Other systems need none.
#[cfg(not(target_os = "linux"))]
pub fn prepare() {}
