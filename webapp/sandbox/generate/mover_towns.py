"""The real cities in which the invented moving company has its branches, from the Atlantic to Hawaii."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MoverTown:
    """A real city: its state or province, where it lies, a postal code and an area code of it."""

    city: str
    state: str
    latitude: float
    longitude: float
    zip_code: str
    area_code: str


def _town(line: str) -> MoverTown:
    city, state, latitude, longitude, zip_code, area_code = line.strip().split("|")
    return MoverTown(city, state, float(latitude), float(longitude), zip_code, area_code)


TOWNS = tuple(
    _town(line)
    for line in """
    Halifax|NS|44.6488|-63.5752|B3H 1A1|902
    Moncton|NB|46.0878|-64.7782|E1C 1A1|506
    Charlottetown|PE|46.2382|-63.1311|C1A 1A1|902
    St. John's|NL|47.5615|-52.7126|A1C 1A1|709
    Montréal|QC|45.5019|-73.5674|H2W 1A1|514
    Québec|QC|46.8139|-71.2080|G1R 1A1|418
    Ottawa|ON|45.4215|-75.6972|K1P 1A1|613
    Toronto|ON|43.6532|-79.3832|M5V 1A1|416
    Boston|MA|42.3601|-71.0589|02108|617
    Providence|RI|41.8240|-71.4128|02903|401
    Hartford|CT|41.7658|-72.6734|06103|860
    Portland|ME|43.6591|-70.2568|04101|207
    New York|NY|40.7128|-74.0060|10001|212
    Philadelphia|PA|39.9526|-75.1652|19103|215
    Pittsburgh|PA|40.4406|-79.9959|15222|412
    Baltimore|MD|39.2904|-76.6122|21201|410
    Washington|DC|38.9072|-77.0369|20001|202
    Richmond|VA|37.5407|-77.4360|23220|804
    Raleigh|NC|35.7796|-78.6382|27601|919
    Charlotte|NC|35.2271|-80.8431|28202|704
    Atlanta|GA|33.7490|-84.3880|30303|404
    Jacksonville|FL|30.3322|-81.6557|32202|904
    Orlando|FL|28.5384|-81.3789|32801|407
    Tampa|FL|27.9506|-82.4572|33602|813
    Miami|FL|25.7617|-80.1918|33131|305
    Cleveland|OH|41.4993|-81.6944|44113|216
    Columbus|OH|39.9612|-82.9988|43215|614
    Detroit|MI|42.3314|-83.0458|48226|313
    Indianapolis|IN|39.7684|-86.1581|46204|317
    Louisville|KY|38.2527|-85.7585|40202|502
    Winnipeg|MB|49.8951|-97.1384|R3C 1A1|204
    Regina|SK|50.4452|-104.6189|S4P 1A1|306
    Saskatoon|SK|52.1332|-106.6700|S7K 1A1|306
    Chicago|IL|41.8781|-87.6298|60614|312
    Springfield|IL|39.7817|-89.6501|62701|217
    Springfield|MO|37.2090|-93.2923|65806|417
    Milwaukee|WI|43.0389|-87.9065|53202|414
    Minneapolis|MN|44.9778|-93.2650|55401|612
    St. Louis|MO|38.6270|-90.1994|63101|314
    Kansas City|MO|39.0997|-94.5786|64105|816
    Des Moines|IA|41.5868|-93.6250|50309|515
    Omaha|NE|41.2565|-95.9345|68102|402
    Nashville|TN|36.1627|-86.7816|37203|615
    Memphis|TN|35.1495|-90.0490|38103|901
    Birmingham|AL|33.5186|-86.8104|35203|205
    New Orleans|LA|29.9511|-90.0715|70112|504
    Tulsa|OK|36.1540|-95.9928|74103|918
    Dallas|TX|32.7767|-96.7970|75201|214
    Houston|TX|29.7604|-95.3698|77002|713
    Austin|TX|30.2672|-97.7431|78701|512
    Calgary|AB|51.0447|-114.0719|T2P 1A1|403
    Edmonton|AB|53.5461|-113.4938|T5J 1A1|780
    Denver|CO|39.7392|-104.9903|80202|303
    Salt Lake City|UT|40.7608|-111.8910|84101|801
    Albuquerque|NM|35.0844|-106.6504|87102|505
    Boise|ID|43.6150|-116.2023|83702|208
    Phoenix|AZ|33.4484|-112.0740|85004|602
    Vancouver|BC|49.2827|-123.1207|V6B 1A1|604
    Seattle|WA|47.6062|-122.3321|98101|206
    Portland|OR|45.5152|-122.6784|97205|503
    San José|CA|37.3382|-121.8863|95113|408
    Los Angeles|CA|34.0522|-118.2437|90012|213
    San Diego|CA|32.7157|-117.1611|92101|619
    Las Vegas|NV|36.1699|-115.1398|89101|702
    Anchorage|AK|61.2181|-149.9003|99501|907
    Honolulu|HI|21.3069|-157.8583|96813|808
    """.strip().splitlines()
)

# Where the company opens its next branches, in this order and then again.
NEXT_TOWNS = tuple(
    _town(line)
    for line in """
    Mississauga|ON|43.5890|-79.6441|L5B 1A1|905
    Sacramento|CA|38.5816|-121.4944|95814|916
    Billings|MT|45.7833|-108.5007|59101|406
    Victoria|BC|48.4284|-123.3656|V8W 1A1|250
    Cincinnati|OH|39.1031|-84.5120|45202|513
    San Antonio|TX|29.4241|-98.4936|78205|210
    Fredericton|NB|45.9636|-66.6431|E3B 1A1|506
    Columbia|SC|34.0007|-81.0348|29201|803
    """.strip().splitlines()
)

STATES = """
    NS=Nova Scotia, NB=New Brunswick, PE=Prince Edward Island, NL=Newfoundland and Labrador, QC=Québec,
    ON=Ontario, MB=Manitoba, SK=Saskatchewan, AB=Alberta, BC=British Columbia, MA=Massachusetts,
    RI=Rhode Island, CT=Connecticut, ME=Maine, NY=New York, PA=Pennsylvania, MD=Maryland,
    DC=District of Columbia, VA=Virginia, NC=North Carolina, SC=South Carolina, GA=Georgia, FL=Florida,
    OH=Ohio, MI=Michigan, IN=Indiana, KY=Kentucky, IL=Illinois, MO=Missouri, WI=Wisconsin, MN=Minnesota,
    IA=Iowa, NE=Nebraska, TN=Tennessee, AL=Alabama, LA=Louisiana, OK=Oklahoma, TX=Texas, CO=Colorado, UT=Utah,
    NM=New Mexico, ID=Idaho, AZ=Arizona, MT=Montana, WA=Washington, OR=Oregon, CA=California, NV=Nevada,
    AK=Alaska, HI=Hawaii
"""
STATE_NAMES = {code.strip(): name.strip() for code, _, name in (entry.partition("=") for entry in STATES.split(","))}

# Few, but with the odd ones: two of one name, one without a place, an accent, emoji, zones far apart.
SMALL_TOWNS = ("Halifax", "Montréal", "Springfield", "Tulsa", "Phoenix", "Honolulu")
