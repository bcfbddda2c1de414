"""English verdicts that tell how things stand: full, covered, ranked, too late, not on the list."""

from gateway.core.rules.en import NOT_THIS_WAY
from gateway.core.rules.rule import verdict

_NOT = r"(?:\bnot\b|n't\b|\bcannot\b|\bunable to\b|\bno longer\b|\bnever\b)"
_POST = r"(?:seat|role|job|post|position|place|opening|vacancy|berth)"
_FEW = r"(?:only |just )?(?:one|two|three|four|five|six|a few|a handful|\d+)\b"

STATE_VERDICTS = (
    verdict(
        "en.no-longer-candidate",
        4.25,
        "no longer a candidate, or set to inactive",
        r"\byou(?:'re| are) no longer (?:an? |in the )?(?:active |current |live )?(?:candidate"
        r"|applicant|process|pool)\b"
        r"|\b(?:candidacy|application|profile)\b[^.;]{0,40}?\b(?:set to|marked|moved to|changed to)"
        r" (?:as )?\"?(?:inactive|closed|archived|rejected|declined|not (?:selected|proceeding))\b"
        r"|\byour (?:submission|application|candidacy|file)\b[^.;]{0,16}?\b(?:clos|archiv)ing (?:it"
        r"|this)\b",
        (
            "you are no longer an active candidate for this job.",
            "your candidacy for this requisition has been set to inactive.",
        ),
        ("you are an active candidate.", "your application has been marked as complete."),
    ),
    verdict(
        "en.not-among-names",
        4.0,
        "the reader's name is not among those listed",
        r"\b(?:yours|your (?:\w+ )?(?:name|file|application|cv|resume|profile|candidacy|portfolio"
        r"|number))\b[^.;]{0,24}?"
        + _NOT
        + r" (?:be )?(?:part of|among|appear (?:on|in|among)|featur"
        r"\w* (?:on|in|among)|figur\w* (?:on|in|among)|includ\w* (?:in|on|among)|stay\w* (?:on|in)"
        r"|remain\w* (?:on|in))\b[^.;]{0,24}?\b(?:list|register|pool|shortlist|longlist|selection"
        r"|those|candidates|names|applicants)\b",
        (
            "the committee narrowed the pool, and your file is not part of the narrower pool.",
            "your name does not appear on the register of successful candidates.",
        ),
        ("your name appears on the list.", "your invoice is not included in the list."),
    ),
    verdict(
        "en.covered-already",
        3.5,
        "the work is done by those already there",
        r"\b(?:cover|fill|handl|shar|absorb|split|manag|tak|do)\w*\b[^.;]{0,24}? (?:with|by|among"
        r"|between|within|from) (?:the|our) (?:existing|current|present|own) (?:team|staff|people"
        r"|crew|colleagues|group)\b"
        r"|\b(?:team|rota|roster|crew|class|cohort|course list|diary|books?)(?: is| are|'re|'s| has"
        r" been)(?: now| already| all)? (?:complete|full)\b(?! of)"
        r"|\breached (?:our|the) (?:limit|maximum|quota|cap|capacity)\b",
        (
            "we've covered those hours with the existing team.",
            "we met too late; the team is complete.",
        ),
        ("the class is full of energy.", "you will be working with our existing team."),
    ),
    verdict(
        "en.offer-accepted",
        4.25,
        "an offer was made and accepted, or the post assigned",
        r"\b(?:extended|made|sent"
        r"|put out) an offer\b(?! to you)[^.;]{0,30}?(?<!you )(?<!you have )(?<!you've )\baccept"
        r"ed\b"
        r"|\b"
        + _POST
        + r"\b (?:has|was|will|is)(?: now)?(?: been| be)? (?:assigned|allocated|given"
        r"|awarded) to (?!you\b|hr\b|whoever\b|(?:the|our|your|another) (?:[\w-]+ ){0,2}?(?:team"
        r"|department|panel|board|office)\b)"
        r"|\b" + _POST + r" (?:that )?you (?:interviewed|applied|came in|tried out) for"
        r" (?:is|was|has|no)(?: now| already| longer)? (?:gone|exists?|filled|taken|cut"
        r"|vanished)\b",
        (
            "the department has extended an offer which has been accepted.",
            "the post has been assigned to an officer by internal transfer.",
            "the seat you interviewed for is gone.",
        ),
        (
            "the task was assigned to you.",
            "we made an offer and you accepted.",
            "the job has been given to our hr team for review.",
        ),
    ),
    verdict(
        "en.bad-timing",
        3.0,
        "the timing is wrong, or the door closes",
        r"\btiming(?:'s| is| was)? (?:just |simply )?(?:off|wrong|bad|against us|not right)\b"
        r"|\btiming (?:isn't|wasn't) right\b|\bclos(?:e|ing) the door (?:on|to) (?:this|you|your"
        r"|it)\b"
        r"|\brul(?:es|ed|ing) (?:this|it|you|that) out\b"
        r"|\b(?:have to|must|going to|better|'d rather) leave it(?:[.,]|$)"
        r"|(?:^|[,;:-] )(?:but |so |sorry,? |and )?not this (?:season|year|round|summer|winter|term"
        r"|spring|autumn)(?:[.,]| i'm)",
        (
            "we love you but the timing's off for us on this hire.",
            "you live outside the area we can employ people in, which rules this out.",
            "not this season, i'm afraid.",
        ),
        ("the timing is right.", "please leave it at the desk."),
    ),
    verdict(
        "en.ranked-below",
        3.5,
        "ranked below the places, a mark not obtained",
        r"\b(?:placed|ranked|put) you (?:in )?(?:second|third|fourth|fifth|sixth|\d+(?:nd|rd|th)"
        r"|below)\b"
        r"|\byou (?:were|are|came) (?:placed |ranked )?(?:second|third|fourth|fifth|\d+(?:nd|rd"
        r"|th))"
        r"\b(?! (?:interview|round|stage|on the list to|in (?:the )?(?:queue|line)))"
        r"|\byou\b[^.;,]{0,8}?(?:\bnot|n't) (?:obtain|achieve|attain|score) (?:the|a|enough|our)"
        r" (?:[\w-]+ ){0,2}?(?:marks?|score|grade|points|level|result)\b"
        r"|\b(?:of you|applicants|applied|applications|candidates|people)\b[^.;]{0,30}?\broom for "
        + _FEW,
        (
            "the panel placed you fourth; three posts were available.",
            "you did not obtain the minimum mark.",
            "there were four hundred of you and room for six.",
        ),
        ("we placed you in the second interview.", "there is room for six cars in the yard."),
    ),
    verdict(
        "en.needs-more-years",
        3.0,
        "the reader needs more years or training first",
        r"\byou(?:'d| would)? (?:still )?(?:needed|need|benefit from|could use|want|require)"
        r" (?:another|a (?:little|bit|few)|some|one more|more|further) [^.;,]{0,24}?\b(?:years?"
        r"|experience|training|practice|months|seasons?)\b[^.;,]{0,20}?\b(?:before|first|for this"
        r"|under your belt|until)\b"
        r"|\b(?:process|application|recruitment)\b[^.;,]{0,8}? (?:stops|ends|finishes|closes)"
        r"(?: here| now)?[.!]?$",
        ("the panel felt you needed another year of training before this post.",),
        ("do you need more training?", "the application process ends on friday."),
    ),
    verdict(
        "en.enough-of-them",
        3.0,
        "there are enough of the trade already",
        r"\b(?:have|got|had|with) (?:more than )?enough (?:[\w-]+ )?(?!(?:paper|letter|number|water"
        r"|order|offer|matter|power|answer)s\b)[a-z-]{3,}(?:ants|ents|ers|ors|ists|ians|ees|eers"
        r"|men|women|hands|staff|people|cover)\b"
        r"|\b(?:sample|work|reel|portfolio|style|voice|test|pitch)\b[^.;,]{0,8}?(?:\bnot|n't)"
        r"[^.;,]{0,12}?\b(?:direction|style|tone|flavou?r|look)\b[^.;,]{0,12}?\b(?:we|we're"
        r"|the client|our)\b"
        r"|\b(?:fee|rate|salary|pay|expectations?)\b[^.;,]{0,16}?\b(?:out of|beyond|above|over"
        r"|outside) (?:our|the|my) (?:approved )?(?:reach|budget|range|band|means)\b",
        (
            "we have enough reviewers on board for now.",
            "your sample wasn't in the direction we're heading.",
        ),
        ("we have enough papers.", "the work does not have a style guide."),
    ),
    verdict(
        "en.softens-blow",
        2.75,
        "the reader is consoled for the choice",
        r"\b(?:discouraged|disheartened|put off|deterred|downhearted) by (?:our|this|the|my)"
        r" (?:choice|decision|outcome|result|news|answer)\b"
        r"|\b(?:will|may|must) (?:be|come as) (?:a )?(?:very |bit |rather )?disappoint\w+\b"
        r"|\b(?:no|not an?|n't an?|nor an?) (?:reflection|judge?ment|verdict|comment) (?:on|of)"
        r" your\b"
        r"|\bi(?:'d| would) have (?:hired|taken|chosen|offered|picked|appointed) you\b",
        (
            "we hope you will not be too discouraged by our choice.",
            "i know this will be disappointing, and it was no reflection on your talent.",
        ),
        ("you will not be disappointed.", "this is a reflection of your work."),
    ),
    verdict(
        "en.form-too-late",
        3.75,
        "the application came after the closing date",
        r"\b(?:deadline|closing date)\b[^.;]{0,24}?\b(?:had (?:already )?(?:passed|gone)|was over"
        r"|has passed)\b[^.]{0,40}?(?:\bnot\b|n't\b|\bunable\b|\bcannot\b)"
        r"|" + _NOT + r"[^.;,]{0,10}?\b(?:include|consider|accept|assess) (?:it|your (?:form"
        r"|application|cv|entry))\b(?! (?:until|yet|unless|complete|without)\b)" + NOT_THIS_WAY,
        ("the deadline had passed when your form came in, so we could not include it.",),
        (
            "the deadline has not passed.",
            "we cannot consider it complete.",
            "we cannot accept your application by e-mail.",
            "we cannot accept your cv in this format.",
        ),
    ),
    verdict(
        "en.less-than-needed",
        3.0,
        "less than the post needs, or others had more",
        r"\b(?:lighter|thinner|weaker|shorter|less|fewer|narrower|more junior|more limited)\b"
        r"[^.;]{0,36}?\bthan (?:we|the (?:role|post|job|team|position)|this (?:role|post|position)"
        r"|our)\b"
        r"|\b(?:calls? for|needs?|requires?|demands?|wants?|wanted|needed)\b[^.;]{0,16}?\bmore\b"
        r"[^.;]{0,36}?\bthan you(?:'ve|'d)?\b"
        r"|\bothers'? (?:were|was) (?:[\w-]+ )?(?:better|stronger|closer|deeper|clearer)\b",
        (
            "we found your experience impressive but lighter on management than we need.",
            "the role calls for more hands-on time than you've had.",
        ),
        ("it took less time than expected.",),
    ),
    verdict(
        "en.successful-one",
        3.5,
        "told of the one who was successful, or that the application lapses",
        r"\bthe successful (?:candidate|applicant|person) (?:had|was|brought|came|demonstrated"
        r"|already|showed|has been (?:informed|notified|appointed|chosen|selected))\b"
        r"|\b(?:application|candidature|candidacy)\b[^.;]{0,12}?\blapses?\b"
        r"|\bput(?:ting)? (?:all |the |our |this )?(?:[\w-]+ )?(?:recruitment|hiring|search|role"
        r"|position|post|vacancy) on ice\b",
        (
            "the successful candidate had sat on a similar board.",
            "your candidature lapses.",
        ),
        ("the successful candidate will report to the head of finance.",),
    ),
)
