# The words of letters to the owner. letters/en.ftl in TEMPLATES_DIR replaces them one by one, by name.

subject-lead = Lead { $id }: { $summary }
subject-update = Lead { $id }, updated: { $summary }
subject-leads =
    { $n ->
        [one] { $n } more lead
       *[other] { $n } more leads
    } in the last hour
subject-alert-assistant = frontdesk: the assistant does not answer customers

new-lead = New lead
updated-lead = Lead updated
number = No. { $id }
nameless = A customer without a name
leads-intro = There were more leads within the hour than leave in letters of their own. The others stand here together; none is left out.

phone = Phone
other-phones = Other numbers
email = E-mail
telegram = Telegram
wants-telegram = wants to be written to in Telegram
name = Name
request = Request
own-words = The customer’s last words
preferred-time = When to call
note = Note
recorded = How it was recorded
came-from = Where he came from

origin-verified = number confirmed by Telegram
origin-card = from another person's contact card
origin-forwarded = from a forwarded message

source-tool = the assistant saved it
source-contact = the customer shared it with the contact button
source-text = found in the text: please check
source-form = the customer left it when asked for his contact

changes = What has changed
change-phone = Phone
change-email = E-mail
change-name = Name
change-telegram = Telegram
change-request = Request
change-preferred-time = When to call
change-note = Note
added = added

earlier = Earlier leads of this customer
dialog = Conversation
assistant = Assistant
edited = edited
not-delivered = not delivered
waiting = not delivered yet
left-out =
    { $n ->
        [one] { $n } earlier message is kept
       *[other] { $n } earlier messages are kept
    } in the database: { $command }
no-dialog = There is no conversation: the customer only shared his contact.

trace = Lead { $id } · upd={ $update } · chat { $chat } · recorded { $at } ({ $zone })
sent-by = Sent by frontdesk, automatically. There is no need to reply.

alert-title-assistant = The assistant does not answer customers
alert-since = Since { $at } ({ $zone }). Reason: { $reason }.
alert-meanwhile-heading = What customers see
alert-meanwhile-assistant = Instead of an answer a customer is asked for his name and phone number. Leads are recorded and reach the owner as always; every message is stored.
alert-todo-heading = What to do
alert-todo-assistant-1 = Run { $command } on the server: it says what is wrong.
alert-todo-assistant-2 = Check the key OPENAI_API_KEY, and credit and limits of your OpenAI account.
alert-todo-assistant-3 = Check that the model of OPENAI_MODEL is still available.
alert-bound = Once the assistant answers again, nothing has to be done. This is mailed at most once an hour.

date =
    { $day } { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
weekday =
    { $n ->
        [1] Monday
        [2] Tuesday
        [3] Wednesday
        [4] Thursday
        [5] Friday
        [6] Saturday
       *[7] Sunday
    }
moment = { $date }, { $time }
