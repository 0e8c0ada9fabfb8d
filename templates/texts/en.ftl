# The texts a customer sees. A file texts/en.ftl in TEMPLATES_DIR replaces single texts by name.
# Variables: $business is the business name, $quoted the same in Russian quotation marks, $name the customer's name,
# $named is "yes" if the name is known.

greeting =
    { $named ->
        [yes] Hello { $name }, welcome to { $business }!
       *[no] Hello, and welcome to { $business }!
    }

    An AI assistant answers here; messages are stored and processed by OpenAI (more: /privacy).

    How can I help?

greeting-again = Welcome back! How can I help?

help =
    Just write your question and I will answer it. There are also commands:

    /contact – leave your number so that the manager can contact you
    /reset – start over
    /privacy – what happens to your data

unknown-command = I don't know that command. Just write your question, or see the list of commands: /help

reset-done = OK, let's start fresh. How can I help?

contact-ask = Please leave your phone number and the manager will contact you. Tap the button below, or write your number and name in a message.

contact-share-button = Share my number

contact-write-button = I'll type the number

contact-write-hint = Sure. Please write your phone number and your name in one message.

contact-thanks =
    { $named ->
        [yes] Thank you, { $name }! We saved your number and will let the manager know. They will contact you.
       *[no] Thank you! We saved your number and will let the manager know. They will contact you.
    }

privacy =
    { $business } stores the messages in this chat, your Telegram name and user name, and any contact details you leave. We need them to answer you and to contact you.

    The answers come from an AI assistant: the text of your messages is processed on OpenAI's servers. Your Telegram profile and a number shared with the button are not sent there.

    After /reset the earlier messages stay stored, but the AI assistant no longer sees them. If you want your data deleted, just say so here.

media-hint = For now I understand text only: I can't open voice messages, pictures or files. Could you put it in words, please?

flood = That's a lot of messages, and I can't keep up. Please wait a minute and send the main point in one message.

flood-of-day = You have sent a lot of messages in one day, so I can't answer new ones for now. Please write again tomorrow, or leave your phone number and the manager will contact you.

group-farewell = I only answer in private messages, so I am leaving this chat. Please write to me directly.

apology = Sorry for the late reply.

form = Sorry, I can't answer right now, but your message is saved. Please leave your phone number and your name, and the manager will contact you: tap the button below, or write both in one message.

form-thanks =
    { $named ->
        [yes] Thank you, { $name }! We saved your contact and will let the manager know. They will contact you.
       *[no] Thank you! We saved your contact and will let the manager know. They will contact you.
    }

failed = Sorry, I can't answer right now, but your message is saved. Please write again a little later, or leave your phone number and the manager will contact you.

failed-saved = Sorry, I can't answer right now. Your message and your contact are saved. We'll let the manager know, and they will contact you.

failed-known = Sorry, I can't answer right now. Your message is saved, and we already have your contact. Please write again a little later.

refused = Sorry, I can't help with that. Please ask in another way, or leave your number (/contact) and the manager will answer you.

command-start = Start the conversation

command-help = What this chat can do

command-reset = Start over

command-contact = Leave your phone number

command-privacy = What happens to your data
