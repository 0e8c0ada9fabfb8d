# The texts of letters to the owner. A file letters/en.ftl in TEMPLATES_DIR replaces single texts by name.

subject-lead = Lead { $id }: { $summary }
subject-update = Updated lead { $id }: { $summary }
subject-leads =
    { $n ->
        [one] { $n } more lead
       *[other] { $n } more leads
    } in the last hour
subject-alert-assistant = frontdesk: the assistant does not answer customers
subject-alert-telegram = frontdesk: Telegram rejects the bot token
subject-alert-clock = frontdesk: the server clock is wrong
subject-alert-unanswered = frontdesk: the assistant did not answer a customer
subject-alert-letters = frontdesk: emails to { $address } are rejected
subject-alert-facts = frontdesk: the business file cannot be read

new-lead = New lead
updated-lead = Updated lead
number = No. { $id }
nameless = Unnamed customer
leads-intro = You had more leads this hour than we send one by one. Here are all the others.
leads-together = You had many leads this hour, so this is the last separate email. Further leads come together in one email at { $at }.
leads-files = Attached: the leads as a table ({ $leads }), their last messages ({ $dialogs }) and their contacts (leads.vcf).
check-number = found in a message, please check it
updated = updated

phone = Phone
other-phones = Other numbers
other-phone = Another number
email = Email
telegram = Telegram
wants-telegram = prefers Telegram
name = Name
request = Request
own-words = The customer’s last messages
preferred-time = Best time to call
call = Call
write-in-telegram = Message in Telegram
write-a-mail = Write an email
note = Note
in-full = Full text
details = Details
recorded = Contact source
came-from = Referral

origin-verified = number confirmed by Telegram
origin-card = from another person’s contact card
origin-forwarded = from a forwarded message
extension = ext.
unconfirmed-phone = the number is as written by the customer, please check it
unconfirmed-email = the address is as written by the customer, please check it

source-tool = given to the assistant in the chat
source-contact = shared with the contact button
source-text = found in a message, please check it
source-form = given when the bot asked for a contact

changes = What has changed
change-phone = Phone
change-email = Email
change-name = Name
change-telegram = Telegram
change-request = Request
change-preferred-time = Best time to call
change-note = Note
added = added

earlier = Earlier lead
dialog = Conversation
assistant = Assistant
edited = edited
media-contact = contact
media-photo = photo
media-voice = voice message
media-audio = audio
media-video = video
media-video-note = video message
media-sticker = sticker
media-animation = animation
media-document = file
media-location = location
media-attachment = attachment
not-delivered = not delivered
waiting = not delivered yet
left-out =
    { $n ->
        [one] { $n } earlier message
       *[other] { $n } earlier messages
    } in the database: { $command }
no-dialog = There is no conversation: the customer only shared a contact.
dialog-gap =
    { $n ->
        [one] { $n } message is left out here
       *[other] { $n } messages are left out here
    }. The whole conversation is attached: { $file }
dialog-cut = Long messages are shortened (“…”); the full text is attached: { $file }
history = Conversation of lead { $id }
history-period = from { $since } to { $until } ({ $zone })
card-note = Lead { $id }

trace = Lead { $id }, { $at } ({ $zone })
answer-goes-to = A reply to this email goes to the customer: { $email }
sent-by = Sent automatically

alert-title-assistant = The assistant does not answer customers
alert-title-telegram = Telegram rejects the bot token
alert-title-clock = The server clock is wrong
alert-title-facts = The business file cannot be read
alert-since = Since { $at } ({ $zone }). Reason: { $reason }.
alert-meanwhile-heading = What customers see
alert-meanwhile-assistant = Instead of an answer, customers are asked for a name and a phone number. Leads are recorded and reach the owner as usual; every message is stored.
alert-meanwhile-telegram = Customers get no replies. Replies that are ready are sent as soon as Telegram accepts the token again.
alert-meanwhile-clock = Customers are answered as usual. While the clock is wrong, waiting replies and emails do not expire, and times in emails and reports may be wrong.
alert-title-unanswered = The assistant did not answer a customer
alert-meanwhile-unanswered = Instead of an answer, this customer was asked for a name and a phone number, or saw that their contact is saved. Other customers may be answered as usual. Every message is stored, and the report lists every unanswered customer.
alert-meanwhile-facts = The assistant answers from the facts it read last. Later changes to the file are not used yet.
alert-todo-heading = What to do
alert-todo-assistant-1 = Run { $command } on the server: it shows what is wrong.
alert-todo-assistant-2 = Check the key OPENAI_API_KEY, and the balance and limits of your OpenAI account.
alert-todo-assistant-3 = Check that the model in OPENAI_MODEL is still available.
alert-todo-telegram-1 = Open @BotFather in Telegram and check the token of this bot.
alert-todo-telegram-2 = If the token has changed, set TELEGRAM_BOT_TOKEN and restart frontdesk.
alert-todo-telegram-3 = Run { $command } on the server: it shows whether Telegram accepts the token.
alert-todo-clock-1 = Compare the server time with the correct time.
alert-todo-clock-2 = Turn on time synchronisation (NTP): timedatectl set-ntp true.
alert-todo-clock-3 = Then run { $command } on the server.
alert-todo-facts-1 = Open the file from BUSINESS_FILE in a text editor and save it as plain text in UTF-8.
alert-todo-facts-2 = Check that frontdesk has permission to read the file.
alert-todo-facts-3 = Then run { $command } on the server: it shows whether the file can be read. No restart is needed.
alert-bound = If the problem has gone away, you need not do anything. This email is sent at most once an hour.
alert-todo-unanswered-1 = Run { $command } on the server: it checks the key, the model and the address.
alert-todo-unanswered-2 = Search the log for turn_failed: it gives the reason for each question.
alert-todo-unanswered-3 = If it happens again, check the OPENAI_… settings and the OpenAI status page.

alert-title-letters = The mail server rejects emails to { $address }
alert-meanwhile-letters = Nothing is lost: leads are stored, and the emails are retried after 1 hour, after 6 hours, then daily, for 7 days. Emails to other addresses arrive as usual.
alert-todo-letters-1 = Check that the address { $address } is spelled correctly, and that the mailbox is open and not full.
alert-todo-letters-2 = Run { $command } on the server: it shows which emails are waiting and what the mail server answered.
alert-todo-letters-3 = To retry an email at once, run frontdesk outbox requeue with its number.
alert-bound-letters = If the emails arrive again, you need not do anything. This email is sent at most once a day for each address.

files-left-out = The mail server rejected this email with its attachments, so only the text is here. Run { $command } on the server to see the files.

report = Report
report-extra = Requested report
report-for-days =
    Report for { $n ->
        [1] the day
       *[other] { $n } days
    }
subject-report = { $report } up to { $until }: { $sum }
subject-report-extra = { $report }, { $until }: { $sum }
subject-report-between = { $report } from { $since } to { $until }: { $sum }
report-period = { $since } – { $until }
zone-note = Times are in { $zone }
report-extra-note = You requested this report. The daily report is not affected.
report-catch-up = Earlier reports were not sent because the service was not running. This email replaces them and covers everything since { $since }.
report-ready = The bot is running.
report-no-trouble = No problems.
attention = Please note
attention-away-now = The bot has not received messages since { $at }
attention-away = The bot received no messages for { $span }
attention-lost = Some messages may be lost
attention-undelivered =
    { $n ->
        [one] { $n } reply did not arrive
       *[other] { $n } replies did not arrive
    }
attention-refused = The mail server rejects emails to { $to }
attention-held =
    { $n ->
        [one] { $n } email is waiting to be sent
       *[other] { $n } emails are waiting to be sent
    }
attention-letters =
    { $n ->
        [one] { $n } email was not sent
       *[other] { $n } emails were not sent
    }
attention-failed =
    { $n ->
        [one] { $n } unanswered question
       *[other] { $n } unanswered questions
    }

sum-dialogs =
    { $n ->
        [0] no dialogs
        [one] { $n } dialog
       *[other] { $n } dialogs
    }
sum-new =
    { $n ->
        [0] no new customers
        [one] { $n } new customer
       *[other] { $n } new customers
    }
sum-leads =
    { $n ->
        [0] no leads
        [one] { $n } lead
       *[other] { $n } leads
    }

figures = Other figures
figure-dialogs = Dialogs
figure-new = New customers
figure-leads = Leads
figure-known-contact = Dialogs with a known contact
figure-without-contact = Dialogs without a contact
figure-questions = Messages from customers
figure-replies = Replies to customers
figure-failed = Unanswered
figure-unanswered = The assistant did not answer
figure-forms =
    { $n ->
        [one] in { $n } case the customer was asked for a contact
       *[other] in { $n } cases the customer was asked for a contact
    }
figure-answer = Usual reply time
figure-answer-slow = 95 of 100 replies within { $span }
figure-gaps = The assistant did not know the answer
figure-unstored = Messages over the limit (not stored)
figure-tokens = OpenAI tokens
figure-tokens-split = input { $input }, output { $output }

fail-deadline = no answer in time
fail-unavailable = OpenAI does not answer: check the key, the balance and the access
fail-refused = declined to answer
fail-empty = empty answer
fail-rejected = OpenAI rejected the request
fail-turns-of-day = daily reply limit reached
fail-tokens-of-day = daily token limit reached
fail-panicked = internal error
fail-unreadable = the stored message is damaged
fail-poison = the service crashed several times on this question

sources = Where new customers came from
no-source = unknown
leads = Leads
worth = Worth a call
worth-note = They asked a question but left no contact this time.
worth-silent = Opened the chat and asked nothing: { $n }
brief-leads = Leads
brief-worth = Worth a call
and-more = and { $n } more
when-written = When customers wrote
busiest-hour = Busiest hour { $hour }: { $dialogs }
# No longer used; kept so that an earlier copy of this file stays valid.
decimal = { $whole }.{ $tenth }
usual = usually { $mean }
as-usual = as usual
more-than-usual = more than usual
usual-note =
    Compared with the average of the last { $n ->
        [one] day
       *[other] { $n } days
    }.
unanswered = The assistant did not answer
not-answered = Unanswered questions
gaps = The assistant did not know the answer
gaps-todo = Add the answers to the business file (BUSINESS_FILE), and the assistant will answer these questions.
problems = What went wrong
dialogs = Dialogs

dead-reply = A reply to a customer was not sent: { $who }
dead-letter = An email was not sent: { $to }
dead-letter-about = An email to { $to } was not sent, customer { $who }
dead-todo = To retry: { $command }
dead-more =
    { $n ->
        [one] And { $n } more not sent
       *[other] And { $n } more not sent
    }. To list all: { $command }
undelivered =
    { $n ->
        [one] { $n } reply did not reach its customer
       *[other] { $n } replies did not reach their customers
    }. Marked “not delivered” in the dialog.
refused-address = The mail server rejects emails to { $to }: { $reason }. Waiting: { $letters }. They are retried for 7 days; to retry at once: frontdesk outbox list, then frontdesk outbox requeue.
held-letters =
    { $n ->
        [one] { $n } email has
       *[other] { $n } emails have
    } waited for the mail server for more than an hour. They will be sent as soon as it answers.
away-stopped = The service was stopped
away-unreachable = Telegram was unreachable
away-lost = Telegram keeps messages for 24 hours: messages from { $since } to { $at } are lost.
away-now = The bot has not received messages since { $at }. Telegram keeps them for 24 hours.

sources-more =
    { $n ->
        [one] And { $n } more source
       *[other] And { $n } more sources
    }, in the table { $file }
leads-more =
    { $n ->
        [one] And { $n } more lead
       *[other] And { $n } more leads
    }, in the table { $file }
dialogs-more =
    { $n ->
        [one] And { $n } more dialog
       *[other] And { $n } more dialogs
    }, in the table { $file }
unanswered-more =
    { $n ->
        [one] And { $n } more question
       *[other] And { $n } more questions
    }, in the table { $file }
gaps-more =
    { $n ->
        [one] And { $n } more question
       *[other] And { $n } more questions
    }. To list all: { $command }
absences-more =
    { $n ->
        [one] And { $n } more break
       *[other] And { $n } more breaks
    }. To list all: { $command }
lines-before =
    { $n ->
        [one] { $n } earlier message
       *[other] { $n } earlier messages
    }, in the table { $file }
lines-cut = Long messages are shortened (“…”); the full text is in the table { $file }

lead-mark = ★ Lead { $id }
lead-before = earlier lead { $id }
new-customer = new customer
known-customer = returning customer
late-answer = no new messages, only our reply
first-words = First message
last-words = Last message

attached = Attached
sheet-rows =
    { $file }: { $n ->
        [one] { $n } row
       *[other] { $n } rows
    }
sheet-missing =
    { $n ->
        [one] The last row did not fit
       *[other] The last { $n } rows did not fit
    }. All rows: { $command }

col-time = Time
col-customer = Customer
col-username = User name
col-user = Telegram ID
col-who = Author
col-message = Message
col-delivered = Delivered
col-edited = Edited
col-lead = Lead
col-phone-origin = Number source
col-other-emails = Other emails
col-telegram-name = Name in Telegram
col-wants-telegram = Prefers Telegram
customer = Customer
yes = yes
no = no
not-yet = not yet

under-a-second = under 1 s
seconds = { $n } s
minutes = { $n } min
hours = { $n } h
days = { $n } d

day-of-month =
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
    }
date = { day-of-month } { $year }
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
short-moment = { $date } { $time }
