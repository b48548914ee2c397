"""The one error tree. Each class carries its stable code, exit code and advice.

Exit codes by subject: 2 usage · 10-19 register and home · 20-29 integrity and keys · 30-39 policy ·
40-49 quantities and licences · 50-59 input files · 60-69 live sources · 70 internal · 80-89 signing in and approvals.
Docs list every class; a test compares.
"""

from __future__ import annotations

from typing import ClassVar


class SealtraceError(Exception):
    """Something Sealtrace refuses or can't do; the message says what, the advice what to do next."""

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 70
    advice: ClassVar[str] = "This is a defect in Sealtrace. Keep the command and its output, and report it."

    def __init__(self, message: str, *, advice: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = advice or type(self).advice

    def __reduce__(self) -> tuple[object, ...]:
        return _again, (type(self), self.message, self.hint)

    def as_dict(self) -> dict[str, object]:
        """Give the contract's failure object: ok, code, message, advice."""
        return {"ok": False, "code": self.code, "message": self.message, "advice": self.hint}


def _again(cls: type[SealtraceError], message: str, hint: str) -> SealtraceError:
    return cls(message, advice=hint)


class UsageProblem(SealtraceError):
    """The command was called with words that don't fit together."""

    code, exit_code = "usage", 2
    advice = "Run the command with --help to see what it takes."


class FieldWrong(UsageProblem):
    """A field of a form does not fit; `field` is its name."""

    code = "field-wrong"
    advice = "Correct the field; what was typed is kept."
    field = ""


# --- 10-19 register and home -------------------------------------------------------------------


class NotRegistered(SealtraceError):
    """No file, version, copy or trace has this name."""

    code, exit_code = "not-registered", 10
    advice = "Check the code for typing errors; `sealtrace file list` shows what is registered."


class HomeLocked(SealtraceError):
    """Another process is writing to the same home."""

    code, exit_code = "home-locked", 11
    advice = "Wait for the other command to end, or stop it, then try again."


class WrongKey(SealtraceError):
    """The passphrase or key file does not open this home."""

    code, exit_code = "wrong-key", 12
    advice = "Give the passphrase in SEALTRACE_PASSPHRASE or --passphrase-file, or put the key file back."


class NoHome(SealtraceError):
    """There is no Sealtrace home at this place."""

    code, exit_code = "no-home", 13
    advice = "Create one with `sealtrace --home DIR init --org NAME`, or give the right --home."


class HomeExists(SealtraceError):
    """A home already stands here; it is never overwritten."""

    code, exit_code = "home-exists", 14
    advice = "Choose another --home, or go on using this one."


class StorageFailed(SealtraceError):
    """The disk refused: full, read-only or failing. Nothing half-written stays."""

    code, exit_code = "storage-failed", 15
    advice = (
        "Make room or make the place writable, then run the same command again; accepted entries are safe."
    )


class MalformedCode(SealtraceError):
    """A code's check characters don't fit: most likely a typing error."""

    code, exit_code = "malformed-code", 16
    advice = "Compare the code with its source character by character."


class VersionConflict(SealtraceError):
    """The version chain would break: the new version's content is already registered elsewhere."""

    code, exit_code = "version-conflict", 17
    advice = "Use the code the message names, or register changed content."


class NotAnOriginal(SealtraceError):
    """These bytes are a copy that was issued from here; only originals are registered."""

    code, exit_code = "not-an-original", 18
    advice = "Register the original. If this file came from outside, trace it: `sealtrace leak trace`."


class CopyEnded(SealtraceError):
    """This copy was revoked or has ended; its bytes and pages are shown no more."""

    code, exit_code = "copy-ended", 19
    advice = "Ask whoever issued it; `sealtrace copy show` tells what was decided."


class UndertakingMissing(CopyEnded):
    """The file asks its readers for a signed undertaking, and this reader has not signed it."""

    code, exit_code = "undertaking-missing", 19
    advice = "Read the undertaking and sign it with your device's key, then open the page again."


# --- 20-29 integrity and keys ------------------------------------------------------------------


class ProofInvalid(SealtraceError):
    """A proof was read but does not hold. Never retried, always alarmed."""

    code, exit_code = "proof-invalid", 20
    advice = "Do not rely on this file. Ask its sender for the original and compare the digests."


class HistoryForked(SealtraceError):
    """Two signed heads of the log contradict each other, or the stored log went backwards."""

    code, exit_code = "history-forked", 21
    advice = "Stop writing, keep both heads as evidence, and restore the newest copy of the home."


class Corrupted(SealtraceError):
    """Stored bytes differ from what was recorded about them."""

    code, exit_code = "corrupted", 22
    advice = "Run `sealtrace ledger check --read-data` and restore the damaged object from a backup."


class QuorumMissing(SealtraceError):
    """Too few witnesses cosigned the log's head; nothing was published."""

    code, exit_code = "quorum-missing", 23
    advice = "Entries are safe and will be published with the next quorum. Check that the witnesses can be reached."


class CryptographyUnavailable(SealtraceError):
    """This machine's cryptography library lacks an algorithm this home needs."""

    code, exit_code = "cryptography-unavailable", 24
    advice = "Install OpenSSL 3 (Debian: apt-get install libssl3), or use a home of the default profile."


class KeySealed(SealtraceError):
    """What tells copies apart is sealed: it takes several people's key shares, and their release is entered."""

    code, exit_code = "key-sealed", 25
    advice = "Have the holders give their shares: --key-share FILE --holder NAME for each, and --purpose."


class RequestRefused(SealtraceError):
    """A copy was asked for without a valid signature of an enrolled device, or with one that was used before."""

    code, exit_code = "request-refused", 26
    advice = "Enrol the device with `sealtrace device enrol`, and have it sign a new request: `sealtrace copy request`."


class NotaryRefused(SealtraceError):
    """The notary does not give its half: it gave it before, does not serve this log, or the bound is used up."""

    code, exit_code = "notary-refused", 27
    advice = "Ask the notary's people; they let a copy's half be given again with `sealtrace notary allow`."


class NotaryAway(SealtraceError):
    """The home has two keys, and the notary who holds the other one can't be reached."""

    code, exit_code = "notary-away", 28
    advice = "Have the notary run `sealtrace notary serve`, at the address that the home was made with."


# --- 30-39 policy ------------------------------------------------------------------------------


class Denied(SealtraceError):
    """Policy does not allow this."""

    code, exit_code = "denied", 30
    advice = "Ask the owner of the file for access, giving the purpose."


class CannotMark(SealtraceError):
    """This file has no place for an individual mark, so a copy of it could not be told from others."""

    code, exit_code = "cannot-mark", 32
    advice = "Issue it with --wrap: the copy travels inside a ZIP that carries the mark."


class FamilyDataRefused(Denied):
    """Data about a person's relatives was offered for screening; it is never read, matched or joined."""

    code, exit_code = "family-data-refused", 33
    advice = "Remove the columns about relatives and run it again."


class RestrictionUnlawful(Denied):
    """A restriction lacks what makes it lawful, or goes beyond what its legal basis carries."""

    code, exit_code = "restriction-unlawful", 34
    advice = "Complete authority, basis, scope, notice, end, review and appeal, within the caps of the legal basis."


class DutiesNotSeparated(Denied):
    """One person would act in two roles that must be held by different people."""

    code, exit_code = "duties-not-separated", 35
    advice = "Let another person propose, decide or hear the appeal."


class HumanRequired(Denied):
    """A program tried to change a person's position; only people may decide about people."""

    code, exit_code = "human-required", 36
    advice = "Have a named person take the decision."


class StepRefused(Denied):
    """This step does not follow from the state the restriction, the case or its item is in."""

    code, exit_code = "step-refused", 37
    advice = "Look at the present state and its clock; a lapsed or ended restriction needs a new decision."


class TitleMissing(Denied):
    """A travel document would be held without one of the legal titles, or beyond it."""

    code, exit_code = "title-missing", 38
    advice = "Give the document back, or record the verified title first."


class PurposeMissing(Denied):
    """A person's data would be used for screening without an active restriction that covers the purpose."""

    code, exit_code = "purpose-missing", 39
    advice = (
        "Screening is for people under an active restriction, one roster at a time, with a stated purpose."
    )


class ModuleDisabled(Denied):
    """This part is not enabled: it has no approved impact assessment, or no appeal officer is named."""

    code, exit_code = "module-disabled", 30
    advice = "Record both first: `sealtrace person gate`, `sealtrace person officer`."


class ProfileUnlawful(Denied):
    """A profile or a change of one holds what it may not, or was made by somebody who may not."""

    code, exit_code = "profile-unlawful", 31
    advice = "Correct the field the message names; own spellings and identifiers are for the person to give."


# --- 40-49 quantities and licences -------------------------------------------------------------


class QuantityExceeded(SealtraceError):
    """The account has less left than was asked for; nothing was drawn."""

    code, exit_code = "quantity-exceeded", 40
    advice = "Draw less, or apply for a larger licence; `sealtrace licence show` tells what is left."


class LicenceNotInForce(SealtraceError):
    """The licence does not allow this now: not begun, expired, suspended, revoked or used up."""

    code, exit_code = "licence-not-in-force", 41
    advice = "`sealtrace licence show` tells its state and dates; use a licence that is in force."


class KeyReused(SealtraceError):
    """This idempotency key was used before for something else."""

    code, exit_code = "key-reused", 42
    advice = "Repeat the first request unchanged, or give the new request a key of its own."


class NotOnLicence(SealtraceError):
    """The licence has no line for this element or entry, or there is no such licence."""

    code, exit_code = "not-on-licence", 43
    advice = "`sealtrace licence show` lists the lines of a licence."


class WrongState(SealtraceError):
    """A licence in this state can't take this step."""

    code, exit_code = "wrong-state", 44
    advice = "The steps and the states they lead from are in the licensing page of the documentation."


class MalformedQuantity(SealtraceError):
    """This is not a mass, content or amount that can be counted exactly."""

    code, exit_code = "malformed-quantity", 45
    advice = "Write a plain number with one of the units that the message names."


class MalformedFormula(SealtraceError):
    """This is not a chemical formula with one certain meaning."""

    code, exit_code = "malformed-formula", 46
    advice = "Write it as in Dy2O3, DyCl3·6H2O or Nd1.6Dy0.4Fe14B."


class MalformedCase(SealtraceError):
    """A case to be classified is not an object with a date and facts that can be read."""

    code, exit_code = "malformed-case", 47
    advice = "Correct the line that the message names; the other lines are not affected."


class MalformedList(SealtraceError):
    """A control list does not follow its form, or contradicts itself."""

    code, exit_code = "malformed-list", 48
    advice = "Correct the place that the message names; no decision uses the list until it is whole."


class ApplicationIncomplete(SealtraceError):
    """An application lacks something it must have before it can go in."""

    code, exit_code = "application-incomplete", 49
    advice = "Add what the message names, then submit it again."


class CaseUnknown(SealtraceError):
    """There is no case, shipment, draft or screening list of this name."""

    code, exit_code = "case-unknown", 43
    advice = "Check the name; `sealtrace licence case list` shows the cases."


class HitOpen(Denied):
    """A party was not screened, or a resemblance to a screening list stands against the step."""

    code, exit_code = "hit-open", 30
    advice = "Screen the parties, and have a person judge each hit."


class LicenceNeeded(Denied):
    """A technical file would go to an outsider without the licence it needs, or against a prohibition."""

    code, exit_code = "licence-needed", 30
    advice = "Apply for a licence, or name the one that covers it with --licence."


# --- 50-59 input files -------------------------------------------------------------------------


class InputMissing(SealtraceError):
    """The file is not there."""

    code, exit_code = "input-missing", 50
    advice = "Check the path."


class InputUnreadable(SealtraceError):
    """The file is there but may not be read."""

    code, exit_code = "input-unreadable", 51
    advice = "Check the permissions and that it is an ordinary file."


class InputEmpty(SealtraceError):
    """The file has no bytes."""

    code, exit_code = "input-empty", 52
    advice = "Check that it was saved or copied completely."


class InputDamaged(SealtraceError):
    """The file claims a format but can't be read as it: truncated or damaged."""

    code, exit_code = "input-damaged", 53
    advice = "Open it in its own program and save it again, or register it with --opaque."


class InputEncrypted(SealtraceError):
    """The file asks for a password."""

    code, exit_code = "input-encrypted", 54
    advice = "Remove the password first, or register it with --opaque (it can then only be traced whole)."


class InputTooLarge(SealtraceError):
    """The file goes beyond a bound on size, pages, pixels, members, nesting or time."""

    code, exit_code = "input-too-large", 55
    advice = "Split the file, or register it with --opaque."


class InputMislabelled(SealtraceError):
    """The name says one format, the content is another."""

    code, exit_code = "input-mislabelled", 57
    advice = "Rename the file to what it is, or register it with --opaque."


class InputChanged(SealtraceError):
    """The file was written to while it was being read."""

    code, exit_code = "input-changed", 58
    advice = "Wait until the program that writes it is done, then try again."


class InputRefused(SealtraceError):
    """The reader died or was stopped on this file: it may be hostile."""

    code, exit_code = "input-refused", 56
    advice = "Treat the file as hostile. Register it with --opaque if it must be kept."


class RecognitionUnavailable(SealtraceError):
    """The text recogniser or its models are missing; they are never downloaded."""

    code, exit_code = "recognition-unavailable", 59
    advice = "Install Sealtrace again with all its locked packages."


# --- 60-69 live sources ------------------------------------------------------------------------


class SourceUnreachable(SealtraceError):
    """A live source does not answer, or refused the connection."""

    code, exit_code = "source-unreachable", 60
    advice = (
        "Check address, credentials and network. What was taken before is kept, and nothing is taken twice."
    )


class SourceUnsuitable(SealtraceError):
    """A live source answers, but not with what was asked for: a table, column, node or time is missing."""

    code, exit_code = "source-unsuitable", 61
    advice = "Correct the table, column or node named in the message; --dry-run shows what would be taken."


class SourceBusy(SealtraceError):
    """Another process is collecting from the same source."""

    code, exit_code = "source-busy", 62
    advice = "Let it go on, or stop it first: one process collects from one source."


class SourceDiffers(SealtraceError):
    """A source of this name is known with another place or another way of cutting batches."""

    code, exit_code = "source-differs", 63
    advice = "Give the new source another --name, or the same place and --batch as before."


class ServerUnreachable(SealtraceError):
    """The Sealtrace server does not answer, or the connection broke; the request is safe to send again."""

    code, exit_code = "server-unreachable", 64
    advice = (
        "Check address and network. The agent keeps what it has and sends it when the server answers again."
    )


class ServerRefused(SealtraceError):
    """The server refused the request with a code this version does not know."""

    code, exit_code = "server-refused", 65
    advice = "Read the message; a newer client may know what to do."


class TooManyRequests(SealtraceError):
    """This device sent more requests than are answered in a minute."""

    code, exit_code = "too-many-requests", 66
    advice = "Wait as long as Retry-After says, then send it again with the same idempotency key."


class StillWorking(SealtraceError):
    """The first request with this idempotency key has not been answered yet."""

    code, exit_code = "still-working", 67
    advice = "Ask again in a few seconds with the same key."


class TargetRefused(SealtraceError):
    """A webhook would go to an address inside the house, or to one that is no HTTPS address."""

    code, exit_code = "target-refused", 68
    advice = "Give a public HTTPS address, or let the site allow this network: --webhook-network."


class MailFailed(SealtraceError):
    """The mail server refused the connection, the sign-in or the message."""

    code, exit_code = "mail-failed", 69
    advice = "Check the mail server's name, user, password and folder. Messages not taken in stay unread."


# --- 80-89 signing in, devices, approvals --------------------------------------------------------


class SecondPersonNeeded(Denied):
    """This needs the approval of a second person, and has not got it yet."""

    code, exit_code = "second-person-needed", 80
    advice = (
        "Ask for the approval; another person with the right to give it sees it on their page of approvals."
    )


class ConfirmationNeeded(Denied):
    """The person must confirm that it is them before this; nothing was done."""

    code, exit_code = "confirmation-needed", 81
    advice = "Confirm with your passkey or one-time code, then send it again within five minutes."


class SignInFailed(Denied):
    """The proof of who signs in does not hold."""

    code, exit_code = "sign-in-failed", 82
    advice = "Try again; if it fails twice, ask the system administrator for a new one-time link."


class SignatureRefused(Denied):
    """A request is not signed by the device it claims to come from, or was sent before."""

    code, exit_code = "signature-refused", 83
    advice = "Load the page again and send it once more; if it stays, enrol this device again."


class ApprovalLapsed(Denied):
    """The approval has expired, was refused, was used before, or was given for something else."""

    code, exit_code = "approval-lapsed", 84
    advice = "Ask for a new approval of exactly what you are about to do."


class TooManyTries(Denied):
    """Signing in failed too often; it is locked for a while."""

    code, exit_code = "too-many-tries", 85
    advice = "Wait for the time the message names, or use your passkey."


class ProviderFailed(Denied):
    """The identity provider did not answer as its discovery says, or its answer does not hold."""

    code, exit_code = "provider-failed", 86
    advice = "Sign in with your passkey, and tell the system administrator."


class NotSignedIn(Denied):
    """No token in force came with the request."""

    code, exit_code = "not-signed-in", 87
    advice = "Send Authorization: Bearer with a token in force, signed by the token's device."


def all_errors() -> list[type[SealtraceError]]:
    """List every error class, by exit code then code, for the docs and their test."""
    found: list[type[SealtraceError]] = []
    todo: list[type[SealtraceError]] = [SealtraceError]
    while todo:
        cls = todo.pop()
        found.append(cls)
        todo.extend(cls.__subclasses__())
    return sorted(found, key=lambda c: (c.exit_code, c.code))
