"""Names of states and of large cities, by which the end of a site's line is told where its columns are lost.

States are the first-level divisions of ISO 3166-2 in the spellings that records use; cities are those with many sites.
"""

from __future__ import annotations

STATES = {
    "United States": (
        "Alabama,Alaska,Arizona,Arkansas,California,Colorado,Connecticut,Delaware,District of Columbia,Florida,Georgia,"
        "Hawaii,Idaho,Illinois,Indiana,Iowa,Kansas,Kentucky,Louisiana,Maine,Maryland,Massachusetts,Michigan,Minnesota,"
        "Mississippi,Missouri,Montana,Nebraska,Nevada,New Hampshire,New Jersey,New Mexico,New York,North Carolina,"
        "North Dakota,Ohio,Oklahoma,Oregon,Pennsylvania,Puerto Rico,Rhode Island,South Carolina,South Dakota,Tennessee,"
        "Texas,Utah,Vermont,Virginia,Washington,West Virginia,Wisconsin,Wyoming"
    ),
    "Canada": (
        "Alberta,British Columbia,Manitoba,New Brunswick,Newfoundland and Labrador,Nova Scotia,Ontario,"
        "Prince Edward Island,Quebec,Québec,Saskatchewan"
    ),
    "China": (
        "Anhui,Beijing,Beijing Municipality,Chongqing,Chongqing Municipality,Fujian,Gansu,Guangdong,Guangxi,Guizhou,"
        "Hainan,Hebei,Heilongjiang,Henan,Hubei,Hunan,Inner Mongolia,Jiangsu,Jiangxi,Jilin,Liaoning,Ningxia,Qinghai,"
        "Shaanxi,Shandong,Shanghai,Shanghai Municipality,Shanxi,Sichuan,Tianjin,Tianjin Municipality,Tibet,Xinjiang,"
        "Yunnan,Zhejiang"
    ),
    "Australia": (
        "Australian Capital Territory,New South Wales,Northern Territory,Queensland,South Australia,Tasmania,Victoria,"
        "Western Australia"
    ),
    "Japan": (
        "Aichi,Akita,Aomori,Chiba,Ehime,Fukui,Fukuoka,Fukushima,Gifu,Gunma,Hiroshima,Hokkaido,Hyogo,Hyōgo,Ibaraki,"
        "Ishikawa,Iwate,Kagawa,Kagoshima,Kanagawa,Kochi,Kumamoto,Kyoto,Mie,Miyagi,Miyazaki,Nagano,Nagasaki,Nara,"
        "Niigata,Oita,Okayama,Okinawa,Osaka,Saga,Saitama,Shiga,Shimane,Shizuoka,Tochigi,Tokushima,Tokyo,Tottori,"
        "Toyama,Wakayama,Yamagata,Yamaguchi,Yamanashi"
    ),
    "Italy": (
        "Abruzzo,Apulia,Basilicata,Calabria,Campania,Emilia-Romagna,Emilia Romagna,Friuli Venezia Giulia,Lazio,Liguria,"
        "Lombardia,Lombardy,Marche,Molise,Piedmont,Piemonte,Puglia,Sardegna,Sardinia,Sicilia,Sicily,Toscana,"
        "Trentino-Alto Adige,Tuscany,Umbria,Veneto"
    ),
    "Germany": (
        "Baden-Württemberg,Baden-Wuerttemberg,Bavaria,Bayern,Brandenburg,Hesse,Hessen,Lower Saxony,"
        "Mecklenburg-Vorpommern,Niedersachsen,Nordrhein-Westfalen,North Rhine-Westphalia,Rheinland-Pfalz,"
        "Rhineland-Palatinate,Saarland,Sachsen,Sachsen-Anhalt,Saxony,Saxony-Anhalt,Schleswig-Holstein,Thuringia,"
        "Thüringen"
    ),
    "Brazil": (
        "Bahia,Ceará,Ceara,Distrito Federal,Espírito Santo,Espirito Santo,Goiás,Goias,Maranhão,Mato Grosso,"
        "Minas Gerais,Pará,Paraíba,Paraná,Parana,Pernambuco,Piauí,Rio de Janeiro,Rio Grande do Norte,"
        "Rio Grande do Sul,Santa Catarina,São Paulo,Sao Paulo,Sergipe"
    ),
    "Spain": (
        "Andalucía,Andalusia,Aragón,Asturias,Cantabria,Castilla y León,Catalonia,Catalunya,Cataluña,Extremadura,"
        "Galicia,Las Palmas,Navarra,Navarre,Tenerife,Vizcaya"
    ),
    "United Kingdom": (
        "Cambridgeshire,Devon,East Sussex,England,Essex,Greater London,Greater Manchester,Hampshire,Kent,Lanarkshire,"
        "Lancashire,Leicestershire,Merseyside,Middlesex,Norfolk,Northern Ireland,Nottinghamshire,Oxfordshire,Scotland,"
        "Surrey,Sussex,Tyne and Wear,Wales,West Midlands,West Yorkshire,Wiltshire,Worcestershire,Yorkshire"
    ),
    "India": (
        "Andhra Pradesh,Assam,Bihar,Delhi,Goa,Gujarat,Gujrat,Haryana,Himachal Pradesh,Jharkhand,Karnataka,Kerala,"
        "Madhya Pradesh,Maharashtra,Odisha,Orissa,Punjab,Rajasthan,Tamil Nadu,Tamilnadu,Telangana,Uttar Pradesh,"
        "Uttarakhand,West Bengal"
    ),
    "Pakistan": "Balochistan,Islamabad,KPK,Khyber Pakhtunkhwa,Punjab,Punjab Province,Sind,Sindh",
    "Argentina": "Buenos Aires,Caba,CABA,Ciudad Auton. De Buenos Aires,Cordoba,Córdoba,Mendoza,Santa Fe,Tucumán",
    "Mexico": (
        "Baja California,Chihuahua,Ciudad de Mexico,Coahuila,Distrito Federal,Durango,Guanajuato,Jalisco,Michoacan,"
        "Morelos,Nuevo Leon,Nuevo León,Puebla,Queretaro,San Luis Potosi,Sinaloa,Sonora,Veracruz,Yucatan,Yucatán"
    ),
    "Korea, Republic of": (
        "Chungcheongbuk-do,Chungcheongnam-do,Gangnam-gu,Gangnam-Gu,Gangwon-do,Gyeonggi,Gyeonggi Province,Gyeonggi-do,"
        "Gyeonggido,Gyeongsangnam-do,Jeollabuk-do,Jeollanam-do,Korea,Republic of Korea,Seoul Teugbyeolsi,Ulsan"
    ),
    "Greece": "Achaia,Attica,Attiki,Crete,Thessaly",
    "Malaysia": "Johor,Kelantan,Kuala Lumpur,Penang,Perak,Sabah,Sarawak,Selangor",
    "Poland": (
        "Dolnośląskie,Kujawsko-pomorskie,Lubelskie,Mazowieckie,Małopolskie,Podlaskie,Pomorskie,Śląskie,Wielkopolska,"
        "Wielkopolskie,Zachodniopomorskie,Łódzkie"
    ),
    "France": "Bouches-du-Rhône,Gironde,Haute-Garonne,Herault,Hérault,Ile-de-France,Isere,Isère,Nord,Val De Marne",
    "Netherlands": "Gelderland,Limburg,Noord-Brabant,Noord-Holland,North Holland,Overijssel,Utrecht,Zuid-Holland",
    "South Africa": "Eastern Cape,Free State,Gauteng,KwaZulu-Natal,Kwazulu-Natal,Limpopo,Western Cape",
    "Switzerland": "Aargau,Basel-Stadt,Bern,Geneva,Ticino,Vaud,Zürich,Zurich",
    "Taiwan": "Taiwan",
}
"""The states of a country, parted by commas."""
STATES["South Korea"] = STATES["Korea, Republic of"]

CITIES = frozenset(
    """
A Coruna,A Coruña,Aachen,Aalborg,Aarhus,Adana,Adelaide,Afula,Ahmedabad,Aleppo,Alexandria,Algiers,Alicante,Almaty,
Alor Setar,Amiens,Amman,Amsterdam,Angers,Ankara,Antalya,Antwerp,Antwerpen,Ashkelon,Assiut,Aswan,Athens,Atlanta,
Auckland,Augsburg,Austin,Avignon,Badalona,Baghdad,Baltimore,Bangalore,Bangkok,Barcelona,Bari,Basel,Batu Caves,
Beer Sheva,Beijing,Beirut,Belgrade,Belo Horizonte,Bengaluru,Bergamo,Bergen,Berlin,Bern,Besancon,Besançon,Bialystok,
Bilbao,Birmingham,Bochum,Bogota,Bogotá,Bologna,Bonn,Bordeaux,Boston,Brasília,Bratislava,Bremen,Brescia,Brest,
Brisbane,Bristol,Brno,Bruges,Brugge,Brussels,Bruxelles,Bucharest,Budapest,Buenos Aires,Busan,Bydgoszcz,Caen,Cairo,
Calgary,Cali,Cambridge,Cape Town,Cardiff,Catania,Changchun,Changsha,Charlotte,Chengdu,Chennai,Chicago,Chongqing,
Clermont-Ferrand,Cleveland,Cluj-Napoca,Coimbra,Cologne,Colombo,Copenhagen,Cordoba,Craiova,Creteil,Créteil,Curitiba,
Córdoba,Daegu,Daejeon,Daejon,Dalian,Dallas,Damascus,Debrecen,Delhi,Denver,Detroit,Dhaka,Dijon,Doha,Donetsk,Dortmund,
Dresden,Dubai,Dublin,Durban,Dusseldorf,Düsseldorf,Edinburgh,Edirne,Edmonton,Erlangen,Essen,Ferrara,Firenze,Florence,
Fortaleza,Frankfurt,Freiburg,Fukuoka,Fuzhou,Gainesville,Gaziantep,Gdansk,Gdańsk,Geneva,Genoa,Genova,Gent,Genève,
Ghent,Girona,Giza,Glasgow,Goiânia,Gothenburg,Granada,Graz,Grenoble,Groningen,Guadalajara,Guangzhou,Gwangju,Göteborg,
Göttingen,Hai Phong,Haifa,Hamburg,Hangzhou,Hannover,Hanoi,Hanover,Harbin,Hefei,Heidelberg,Helsinki,Hermosillo,
Ho Chi Minh,Ho Chi Minh City,Holon,Hong Kong,Houston,Hualien City,Hyderabad,Incheon,Indianapolis,Innsbruck,Islamabad,
Istanbul,Izmir,Jackson,Jakarta,Jena,Jerusalem,Jinan,Johannesburg,Kaohsiung,Kaohsiung City,Karachi,Kathmandu,Katowice,
Kaunas,Kayseri,Kazan,Kfar Saba,Kharkiv,Kiel,Kiev,Kobe,Kocaeli,Kolkata,Konya,Kosice,Kota Kinabalu,Košice,Krakow,
Kraków,Kuala Lumpur,Kuching,Kunming,Kuwait City,Kyiv,Kyoto,Köln,L'Hospitalet de Llobregat,La Paz,La Rochelle,
La Tronche,Lahore,Lanzhou,Las Palmas,Las Palmas de Gran Canaria,Las Vegas,Lausanne,Le Mans,Leeds,Leicester,Leiden,
Leipzig,Leuven,Liege,Lille,Lima,Limoges,Linz,Lisboa,Lisbon,Liverpool,Liège,Ljubljana,Lodz,London,Los Angeles,
Louisville,Lublin,Lucknow,Lund,Lviv,Lyon,Lübeck,Maastricht,Madrid,Magdeburg,Mainz,Malaga,Malmö,Manchester,Manila,
Mannheim,Mansoura,Marburg,Marseille,Mashhad,Medellin,Medellín,Melbourne,Memphis,Messina,Mexico City,Miami,Milan,
Milano,Milwaukee,Minneapolis,Minsk,Modena,Monterrey,Montpellier,Montreal,Montréal,Monza,Moscow,Multan,Mumbai,Munich,
Murcia,Málaga,München,Münster,Nagoya,Nagpur,Nahariya,Nanchang,Nancy,Nanjing,Nanning,Nantes,Naples,Napoli,Nashville,
New Delhi,New Haven,New Orleans,New Taipei City,New York,New York City,Newcastle upon Tyne,Nice,Nicosia,Nijmegen,
Nimes,Nottingham,Novosibirsk,Nîmes,Nürnberg,Odense,Olomouc,Omaha,Omsk,Or Yehuda,Orenburg,Orlando,Orléans,Osaka,Oslo,
Ostrava,Ottawa,Oulu,Oviedo,Oxford,Padova,Padua,Palermo,Palma de Mallorca,Pamplona,Paris,Parma,Pavia,Perth,Perugia,
Peshawar,Pessac,Petach Tikva,Petah Tikva,Petah-Tikva,Philadelphia,Phoenix,Pierre Benite,Pierre-Bénite,Pilsen,Pisa,
Pittsburgh,Plovdiv,Plzeň,Poitiers,Ponta Delgada,Portland,Porto,Porto Alegre,Poznan,Poznań,Prague,Praha,Pretoria,Pune,
Quebec,Quebec City,Quito,Québec,Ramat Gan,Rawalpindi,Recife,Reggio Emilia,Rehovot,Reims,Rennes,Richmond,Riga,
Rio de Janeiro,Riyadh,Rochester,Roma,Rome,Rosario,Rostock,Rotterdam,Rouen,Rozzano,Sabadell,Sacramento,Saint Louis,
Saint Petersburg,Saint-Etienne,Saint-Herblain,Saint-Étienne,Salamanca,Salt Lake City,Salvador,Salzburg,Samara,Samsun,
San Antonio,San Diego,San Francisco,San Giovanni Rotondo,San Juan,San Sebastian,Santa Cruz de Tenerife,Santander,
Santiago,Santiago de Compostela,Sao Paulo,Sapporo,Saratov,Seattle,Sendai,Seongnam,Seoul,Sevilla,Seville,Shanghai,
Sheffield,Shenyang,Shenzhen,Shijiazhuang,Shiraz,Siena,Singapore,Skopje,Smolensk,Sofia,Sohag,Solna,Southampton,Split,
St. Louis,St. Petersburg,Stanford,Stockholm,Strasbourg,Stuttgart,Suwon,Suzhou,Sydney,Szczecin,Szeged,São Paulo,
Tabriz,Taichung,Taichung City,Tainan,Tainan City,Taipei,Taipei City,Taiyuan,Tallinn,Tampa,Tampere,Tanta,Taoyuan,
Tarragona,Tartu,Tbilisi,Tehran,Tel Aviv,Tel Hashomer,Temuco,The Bronx,The Hague,Thessaloniki,Tianjin,Timisoara,
Timişoara,Tokyo,Toledo,Torino,Toronto,Toruń,Toulon,Toulouse,Tours,Trabzon,Trieste,Trondheim,Tucson,Tunis,Turin,Turku,
Tübingen,Udine,Ufa,Ulm,Umeå,Uppsala,Urumqi,Utrecht,Valencia,Valladolid,València,Vancouver,Vandoeuvre-lès-Nancy,
Varese,Varna,Venezia,Verona,Vienna,Vigo,Villejuif,Vilnius,Vitoria,Viña del Mar,Warsaw,Warszawa,Washington,
Washington D.C.,Wellington,Wien,Winnipeg,Wroclaw,Wrocław,Wuhan,Würzburg,Xi'an,Xiamen,Yaroslavl,Yogyakarta,Yokohama,
Zagreb,Zaragoza,Zefat,Zerifin,Zhengzhou,Zurich,Zürich,İstanbul,İzmir,Łódź
""".replace("\n", "").split(",")
)
"""Large cities, in the spellings that records use."""
