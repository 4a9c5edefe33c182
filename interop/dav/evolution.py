"""
Drives evolution-data-server, what GNOME's calendar and contacts are made of: lines of JSON in, lines of JSON out.

Each request has an `id` and a `do`; its answer has the same `id`, and `result` or `error`. Lines without an
`id` tell what the server has found by itself: {"found": source} and {"list": uid, "objects": [text]}. Passwords
are asked for and given over D-Bus, so that no keyring is needed.
"""

import json
import sys

import gi

for name, version in (
    ("EDataServer", "1.2"),
    ("ECal", "2.0"),
    ("EBook", "1.2"),
    ("EBookContacts", "1.2"),
    ("ICalGLib", "3.0"),
):
    gi.require_version(name, version)

from gi.repository import EBook, EBookContacts, ECal, EDataServer, GLib, ICalGLib  # noqa: E402

patience_seconds = 30
loop = GLib.MainLoop()
credentials = EDataServer.NamedParameters.new()
vcard30 = getattr(EBookContacts.VCardFormat, "30")  # no name that Python could write
clients = {}
views = []  # a view ends with the last reference to it

# Extensions of a source are found by their type's name, once the type is known.
for extension in (
    EDataServer.SourceAuthentication,
    EDataServer.SourceCollection,
    EDataServer.SourceSecurity,
    EDataServer.SourceWebdav,
    EDataServer.SourceCalendar,
    EDataServer.SourceTaskList,
    EDataServer.SourceMemoList,
    EDataServer.SourceAddressBook,
):
    extension.__gtype__

kinds = {
    "Calendar": ECal.ClientSourceType.EVENTS,
    "Task List": ECal.ClientSourceType.TASKS,
    "Memo List": ECal.ClientSourceType.MEMOS,
}
registry = EDataServer.SourceRegistry.new_sync(None)
account = EDataServer.Source.new(None, None)


def tell(line):
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def kind_of(source):
    for kind in (*kinds, "Address Book"):
        if source.has_extension(kind):
            return kind
    return None


def describe(source):
    kind = kind_of(source)
    webdav = source.get_extension("WebDAV Backend")
    extension = source.get_extension(kind)
    return {
        "uid": source.get_uid(),
        "kind": kind,
        "name": source.get_display_name(),
        "backend": extension.get_backend_name(),
        "path": webdav.get_resource_path(),
        "color": extension.get_color() if kind != "Address Book" else None,
    }


def added(_registry, source):
    if source.get_parent() == account.get_uid() and kind_of(source) is not None:
        tell({"found": describe(source)})


def credentials_required(_registry, source, reason, *_more):
    if reason == EDataServer.SourceCredentialsReason.REJECTED:
        tell({"refused": source.get_display_name()})
        return
    source.invoke_authenticate(credentials, None, finish_authenticating)


def finish_authenticating(source, result):
    try:
        source.invoke_authenticate_finish(result)
    except GLib.Error as error:
        tell({"refused": source.get_display_name(), "why": error.message})


registry.connect("source-added", added)
registry.connect("credentials-required", credentials_required)


def set_account(url, host, port, user, password):
    """An account as the assistant for WebDAV collections makes it; what it has is then told as found."""
    credentials.set("username", user)
    credentials.set("password", password)
    account.set_display_name("Riad")
    collection = account.get_extension("Collection")
    collection.set_backend_name("webdav")
    collection.set_identity(user)
    collection.set_calendar_enabled(True)
    collection.set_calendar_url(url)
    collection.set_contacts_enabled(True)
    collection.set_contacts_url(url)
    collection.set_mail_enabled(False)
    authentication = account.get_extension("Authentication")
    authentication.set_host(host)
    authentication.set_port(port)
    authentication.set_user(user)
    authentication.set_method("plain/password")
    account.get_extension("Security").set_secure(False)
    registry.commit_source_sync(account, None)
    return account.get_uid()


def find_again():
    """Looks at the account anew, as it does every hour."""
    registry.refresh_backend_sync(account.get_uid(), None)


def make_calendar(url, name, color):
    """As its assistant for calendars makes one on the server."""
    session = EDataServer.WebDAVSession.new(account)
    session.set_credentials(credentials)
    supports = EDataServer.WebDAVResourceSupports.EVENTS
    session.mkcalendar_sync(url, name, None, color, supports, None)


def remove_collection(url):
    session = EDataServer.WebDAVSession.new(account)
    session.set_credentials(credentials)
    session.delete_sync(url, None, None, None)


def open_list(uid, done, failed):
    source = registry.ref_source(uid)
    kind = kind_of(source)

    def connected(_source, result):
        try:
            if kind == "Address Book":
                client = EBook.BookClient.connect_finish(result)
            else:
                client = ECal.Client.connect_finish(result)
            clients[uid] = client
            watch(uid, client, done)
        except GLib.Error as error:
            failed(error)

    if kind == "Address Book":
        EBook.BookClient.connect(source, patience_seconds, None, connected)
    else:
        ECal.Client.connect(source, kinds[kind], patience_seconds, None, connected)


def watch(uid, client, done):
    """Tells all objects of the list after each change of it."""

    def changed(*_what):
        tell({"list": uid, "objects": objects(uid)})

    def viewing(_client, result):
        _, view = client.get_view_finish(result)
        for signal in ("objects-added", "objects-modified", "objects-removed"):
            view.connect(signal, changed)
        views.append(view)
        view.start()
        done({"readonly": client.is_readonly(), "objects": objects(uid)})

    client.get_view(everything(client), None, viewing)


def everything(client):
    return '(contains "x-evolution-any-field" "")' if is_book(client) else "#t"


def is_book(client):
    return isinstance(client, EBook.BookClient)


def objects(uid):
    client = clients[uid]
    if is_book(client):
        _, contacts = client.get_contacts_sync(everything(client), None)
        return [contact.to_string(vcard30) for contact in contacts]
    _, components = client.get_object_list_sync(everything(client), None)
    return [component.as_ical_string() for component in components]


conflicts = {
    "local": ECal.OperationFlags.CONFLICT_KEEP_LOCAL,
    "fail": ECal.OperationFlags.CONFLICT_FAIL,
}
scopes = {
    "this": ECal.ObjModType.THIS,
    "following": ECal.ObjModType.THIS_AND_FUTURE,
    "all": ECal.ObjModType.ALL,
}


def create(uid, data):
    client = clients[uid]
    if is_book(client):
        contact = EBookContacts.Contact.new_from_vcard(data)
        return client.add_contact_sync(contact, EBookContacts.BookOperationFlags.NONE, None)[1]
    component = ICalGLib.Component.new_from_string(data)
    return client.create_object_sync(component, ECal.OperationFlags.NONE, None)[1]


def change(uid, data, scope="all", conflict="local"):
    component = ICalGLib.Component.new_from_string(data)
    return clients[uid].modify_object_sync(component, scopes[scope], conflicts[conflict], None)


def edit(uid, object, replacements, conflict="local"):
    """Changes the text of what it has, which names the version on the server that it came from."""
    client = clients[uid]
    if is_book(client):
        text = client.get_contact_sync(object, None)[1].to_string(vcard30)
    else:
        text = client.get_object_sync(object, None, None)[1].as_ical_string()
    for old, new in replacements:
        if old not in text:
            raise KeyError(old)
        text = text.replace(old, new)
    if not is_book(client):
        return change(uid, text, conflict=conflict)
    flags = {
        "local": EBookContacts.BookOperationFlags.CONFLICT_KEEP_LOCAL,
        "fail": EBookContacts.BookOperationFlags.CONFLICT_FAIL,
    }[conflict]
    return client.modify_contact_sync(EBookContacts.Contact.new_from_vcard(text), flags, None)


def remove(uid, object, instance=None, scope="all"):
    client = clients[uid]
    if is_book(client):
        return client.remove_contact_by_uid_sync(object, EBookContacts.BookOperationFlags.NONE, None)
    return client.remove_object_sync(
        object, instance, scopes[scope], ECal.OperationFlags.NONE, None
    )


def refresh(uid):
    return clients[uid].refresh_sync(None)


def instances(uid, start, end):
    """When things happen between two instants, as seconds, with their summaries: what a month would show."""
    found = []

    def instance(component, begin, finish, *_more):
        zone = ICalGLib.Timezone.get_utc_timezone()
        found.append(
            [
                begin.convert_to_zone(zone).as_ical_string(),
                finish.convert_to_zone(zone).as_ical_string(),
                component.get_summary(),
            ]
        )
        return True

    clients[uid].generate_instances_sync(start, end, None, instance)
    return sorted(found)


requests = {
    "account": set_account,
    "findAgain": find_again,
    "makeCalendar": make_calendar,
    "removeCollection": remove_collection,
    "create": create,
    "change": change,
    "edit": edit,
    "remove": remove,
    "refresh": refresh,
    "objects": objects,
    "instances": instances,
}


def perform(request):
    number = request.pop("id")
    what = request.pop("do")

    def done(result):
        tell({"id": number, "result": result})

    def failed(error):
        tell({"id": number, "error": error.message, "domain": error.domain, "code": error.code})

    try:
        if what == "open":
            open_list(request["uid"], done, failed)
        else:
            done(requests[what](**request))
    except GLib.Error as error:
        failed(error)
    except Exception as error:  # a fault of this program: the test is to fail with it
        tell({"id": number, "error": repr(error), "domain": "python", "code": 0})


def hear(channel, condition):
    status, line, _length, _end = channel.read_line()
    if status != GLib.IOStatus.NORMAL:
        loop.quit()
        return False
    perform(json.loads(line))
    return True


channel = GLib.IOChannel.unix_new(sys.stdin.fileno())
GLib.io_add_watch(channel, GLib.PRIORITY_DEFAULT, GLib.IOCondition.IN | GLib.IOCondition.HUP, hear)
tell({"ready": True})
loop.run()
