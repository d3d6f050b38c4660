"""The filter of system calls round student code, as a program that the kernel loads."""

from __future__ import annotations

import errno
import socket
import tempfile

from leocourse.core.errors import LeoError

DENIED = """
acct add_key adjtimex bpf chroot clock_adjtime clock_settime delete_module finit_module init_module ioperm iopl
io_uring_enter io_uring_register io_uring_setup kcmp kexec_file_load kexec_load keyctl lookup_dcookie
name_to_handle_at open_by_handle_at perf_event_open pidfd_getfd pivot_root process_madvise process_vm_readv
process_vm_writev ptrace quotactl quotactl_fd reboot request_key setdomainname sethostname settimeofday swapoff swapon
syslog userfaultfd vhangup
"""
"""Nothing in the box needs these, the process that forks submissions included."""
NAMESPACES = """
fsconfig fsmount fsopen fspick mount mount_setattr move_mount open_tree setns umount2 unshare
"""
"""What builds a sandbox, and so is denied to what runs in one."""
CLONE_NEW = (0x00000080, 0x00020000, 0x02000000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)


def program(student: bool) -> bytes:
    """The filter: for student code, or the milder one for the process that forks it.

    Denied calls fail with EPERM. A process in student code has no socket but AF_UNIX, which leads
    nowhere in its own network namespace. Raises LeoError if libseccomp is not there.
    """
    try:
        import pyseccomp as seccomp
    except (ImportError, OSError, RuntimeError) as error:
        raise LeoError(f"The sandbox needs pyseccomp and libseccomp: {error}") from error
    refused = seccomp.ERRNO(errno.EPERM)
    made = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in (DENIED + (NAMESPACES if student else "")).split():
        try:
            made.add_rule(refused, name)
        except (OSError, ValueError):  # a call that this libseccomp or processor does not know
            continue
    if student:
        for flag in CLONE_NEW:
            made.add_rule(refused, "clone", seccomp.Arg(0, seccomp.MASKED_EQ, flag, flag))
        made.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory, where no filter sees them
        made.add_rule(refused, "socket", seccomp.Arg(0, seccomp.NE, socket.AF_UNIX))
    with tempfile.TemporaryFile() as file:
        made.export_bpf(file)
        file.seek(0)
        return file.read()
