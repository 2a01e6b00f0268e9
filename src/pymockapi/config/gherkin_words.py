"""The words that begin the parts of a feature file, in all languages that Gherkin has.

Facts of its ``gherkin-languages.json``. One table serves for all: but for ``Exemple``, which is a
scenario in Catalan and French and examples in Romanian, no word means two things.
"""

from __future__ import annotations

from typing import Final

FEATURE: Final = "feature"
RULE: Final = "rule"
SCENARIO: Final = "scenario"
EXAMPLES: Final = "examples"

_FEATURE_WORDS: Final = (
    "Ability|Abilità|Ahoy matey!|All gussied up|Arwedd|Aspekt|Besigheid Behoefte|"
    "Biznis potreba|Business Need|Caracteristica|Característica|Carauterística|Egenskab|"
    "Egenskap|Eiginleiki|Esigenza di Business|Feature|Fitur|Fonctionnalité|Fonksyonalite|"
    "Funcionalidade|Funcionalitat|Functionalitate|Functionaliteit|Funcţionalitate|"
    "Funcționalitate|Fungsi|Funkcia|Funkcija|Funkcionalitāte|Funkcionalnost|Funkcja|Funksie|"
    "Funktion|Funktionalität|Funktionalitéit|Funzionalità|Fīča|Gereksinim|Gné|Hwaet|Hwæt|"
    "Jellemző|Karakteristik|Karakteristika|Kullanıcı Hikayesi|Lastnost|Mak|Mogucnost|"
    "Mogućnost|Mozhnost|Moznosti|Možnosti|Necesidad del negocio|OH HAI|Omadus|Ominaisuus|"
    "Osobina|Potrzeba biznesowa|Požadavek|Požiadavka|Pretty much|Qap|Qu'meH 'ut|Requisito|"
    "Savybė|Teknik Gereksinim|This ain’t my first rodeo|Trajto|Tính năng|Vermoë|Vlastnosť|"
    "Właściwość|Yetenek|Značilnost|laH|perbogh|poQbogh malja'|Özellik|Özəllik|İş Gereksinimi|"
    "İşlev|Δυνατότητα|Λειτουργία|Бизнис потреба|Могућност|Можност|Мөмкинлек|Особина|Свойство|"
    "Фича|Функц|Функционал|Функционалност|Функциональность|Функция|Функцыянальнасць|"
    "Функціонал|Фіча|Үзенчәлеклелек|Հատկություն|Ֆունկցիոնալություն|תכונה|خاصية|خصوصیت|صلاحیت|"
    "قابلیت|ویژگی|کاروبار کی ضرورت|रूप लेख|विशेषता|वैशिष्ट्य|सुविधा|ਖਾਸੀਅਤ|ਨਕਸ਼ ਨੁਹਾਰ|"
    "ਮੁਹਾਂਦਰਾ|ક્ષમતા|લક્ષણ|વ્યાપાર જરૂર|அம்சம்|திறன்|வணிக தேவை|గుణము|ಹೆಚ್ಚಳ|സവിശേഷത|"
    "ความต้องการทางธุรกิจ|ความสามารถ|โครงหลัก|თვისება|მოთხოვნა|ስራ|የሚፈለገው ድርጊት|የተፈለገው ስራ|"
    "フィーチャ|功能|機能|기능|📚"
)
_RULE_WORDS: Final = (
    "Aturan|Hüküm|Kaide|Kural|Madde|Pravidlo|Pravilo|Quy tắc|Reegel|Reel|Regel|Regla|"
    "Regla de negocio|Regola|Regra|Regulo|Reguła|Reël|Riail|Rule|Règle|Szabály|Zasada|"
    "İş Kuralı|Правило|Правілы|כלל|قانون|नियम|નિયમ|നിയമം|წესი|ህግ|ルール|规则|규칙"
)
_SCENARIO_WORDS: Final = (
    "Abstract Scenario|Abstrakt Scenario|All hat and no cattle|Atburðarás|Awww, look mate|"
    "Beispiel|Beispill|Busy as a hound in flea season|Caso|Casu|Cenario|Cenário|Cás|"
    "Cás Achomair|Cцэнар|Delineacao do Cenario|Delineação do Cenário|Durum|Dyagram Senaryo|"
    "Dyagram senaryo|Eixemplo|Ejemplo|Eksempel|Ekzemplo|Enghraifft|Esbozo do escenario|"
    "Esbozu del casu|Escenari|Escenario|Esempio|Esquema de l'escenari|Esquema del caso|"
    "Esquema del escenario|Esquema do Cenario|Esquema do Cenário|Example|Exemple|Exemplo|"
    "Exemplu|Forgatókönyv|Forgatókönyv vázlat|Garis Panduan Senario|Garis-Besar Skenario|"
    "Heave to|Juhtum|Kazo|Kazo-skizo|Keadaan|Kerangka Keadaan|Kerangka Senario|"
    "Kerangka Situasi|Khung kịch bản|Khung tình huống|Koncept|Konsep skenario|"
    "Konturo de la scenaro|Kịch bản|Lýsing Atburðarásar|Lýsing Dæma|MISHUN|MISHUN SRSLY|"
    "Na primer|Náčrt Scenára|Náčrt Scenáru|Náčrt Scénáře|Nümunə|Oris scenarija|"
    "Osnova Scenára|Osnova scénáře|Osnutek|Pavyzdys|Piemērs|Plan Senaryo|Plan du Scénario|"
    "Plan du scénario|Plan senaryo|Plang vum Szenario|Pregled na scenarija|Primer|Primjer|"
    "Przykład|Príklad|Példa|Příklad|Raamjuhtum|Raamstsenaarium|Reckon it's like|Sampla|"
    "Scenarie|Scenarij|Scenarijaus šablonas|Scenariju|Scenariju-obris|Scenarijus|Scenario|"
    "Scenario Amlinellol|Scenario Outline|Scenario Template|Scenario-outline|Scenariomal|"
    "Scenariomall|Scenariu|Scenariusz|Scenaro|Scenár|Scenārijs|Scenārijs pēc parauga|"
    "Schema dello scenario|Scénario|Scénář|Senario|Senaryo|Senaryo Deskripsyon|"
    "Senaryo deskripsyon|Senaryo taslağı|Senaryo şablonu|Serious as a snake bite|"
    "Shiver me timbers|Situasi|Situasie|Situasie Uiteensetting|Skenario|Skenario konsep|"
    "Skica|Skizo|Ssenari|Ssenarinin strukturu|Structura scenariu|Structură scenariu|"
    "Struktura scenarija|Stsenaarium|Swa|Swa hwaer swa|Swa hwær swa|Szablon scenariusza|"
    "Szenarien|Szenario|Szenariogrundriss|Tapaus|Tapausaihio|The thing of it is|Tình huống|"
    "Vaka|Voorbeeld|Wharrimean is|lut|lut chovnatlh|Örnek|Παράδειγμα|Περίγραμμα Σεναρίου|"
    "Περιγραφή Σεναρίου|Σενάριο|Концепт|На пример|Преглед на сценарија|Приклад|Пример|"
    "Рамка на сценарий|Скица|Структура сценария|Структура сценарија|Структура сценарію|"
    "Сценар|Сценарий|Сценарий структураси|Сценарийның төзелеше|Сценарио|Сценарын төлөвлөгөө|"
    "Сценарій|Сцэнарый|Узор сцэнара|Шаблон сценария|Шаблон сцэнарыя|Սցենար|"
    "Սցենարի կառուցվացքը|Օրինակ|דוגמא|תבנית תרחיש|תרחיש|الگوی سناریو|سناریو|سيناريو|"
    "سيناريو مخطط|مثال|منظر نامے کا خاکہ|منظرنامہ|परिदृश्य|परिदृश्य रूपरेखा|ਉਦਾਹਰਨ|ਪਟਕਥਾ|"
    "ਪਟਕਥਾ ਢਾਂਚਾ|ਪਟਕਥਾ ਰੂਪ ਰੇਖਾ|ઉદાહરણ|પરિદ્દશ્ય ઢાંચો|પરિદ્દશ્ય રૂપરેખા|સ્થિતિ|உதாரணமாக|"
    "காட்சி|காட்சி சுருக்கம்|காட்சி வார்ப்புரு|ఉదాహరణ|కథనం|సన్నివేశం|ಉದಾಹರಣೆ|ಕಥಾಸಾರಾಂಶ|"
    "ವಿವರಣೆ|രംഗം|സാഹചര്യത്തിന്റെ രൂപരേഖ|สรุปเหตุการณ์|เหตุการณ์|โครงสร้างของเหตุการณ์|მაგ|"
    "მაგალითად|მაგალითი|ნიმუში|სცენარი|სცენარის ნიმუში|სცენარის შაბლონი|შაბლონი|ሁናቴ|ሁናቴ አብነት|"
    "ሁናቴ ዝርዝር|ምሳሌ|シナリオ|シナリオアウトライン|シナリオテンプレ|シナリオテンプレート|テンプレ|剧本|剧本大纲|劇本|劇本大綱|场景|场景大纲|場景|場景大綱|"
    "시나리오|시나리오 개요|📕|📖|🥒"
)
_EXAMPLES_WORDS: Final = (
    "Atburðarásir|Beispiele|Beispiller|Cenarios|Cenários|Conto|Contoh|Contone|"
    "Dead men tell no tales|Değerler|Dæmi|Dữ liệu|EXAMPLZ|Egzanp|Eixemplos|Ejemplos|"
    "Eksempler|Ekzemploj|Enghreifftiau|Esempi|Examples|Exempel|Exemples|Exemplos|Juhtumid|"
    "Misal|Now that's a story longer than a cattle drive in July|Nümunələr|Paraugs|"
    "Pavyzdžiai|Piemēri|Primeri|Primjeri|Przykłady|Príklady|Példák|Příklady|Samplaí|Scenaria|"
    "Scenarijai|Scenariji|Scenarios|Se the|Se ðe|Se þe|Tapaukset|Variantai|Voorbeelde|"
    "Voorbeelden|You'll wanna|ghantoH|lutmey|Örnekler|Παραδείγματα|Σενάρια|Значения|Мисаллар|"
    "Мисоллар|Приклади|Примери|Примеры|Прыклады|Сценарија|Сценарији|Тухайлбал|Үрнәкләр|"
    "Օրինակներ|דוגמאות|امثلة|مثالیں|نمونه ها|उदाहरण|उदाहरणहरु|ਉਦਾਹਰਨਾਂ|ઉદાહરણો|"
    "எடுத்துக்காட்டுகள்|காட்சிகள்|நிலைமைகளில்|ఉదాహరణలు|ಉದಾಹರಣೆಗಳು|ഉദാഹരണങ്ങൾ|ชุดของตัวอย่าง|"
    "ชุดของเหตุการณ์|მაგალითები|ሁናቴዎች|ምሳሌዎች|サンプル|例|例子|예|📓"
)

KINDS: Final = {
    word: kind
    for kind, words in (
        (FEATURE, _FEATURE_WORDS),
        (RULE, _RULE_WORDS),
        (SCENARIO, _SCENARIO_WORDS),
        (EXAMPLES, _EXAMPLES_WORDS),
    )
    for word in words.split("|")
}
