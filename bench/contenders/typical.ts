/**
 * The application that the documentation of Nest leads to: passport-jwt, TypeORM repositories, the
 * ValidationPipe. It stores the fields of an order, with the durability of this project.
 */
import 'reflect-metadata';
import {
  Body,
  Controller,
  Get,
  Injectable,
  Module,
  NotFoundException,
  Param,
  ParseIntPipe,
  Post,
  Request,
  UseGuards,
  ValidationPipe,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';
import { InjectRepository, TypeOrmModule, type TypeOrmModuleOptions } from '@nestjs/typeorm';
import { IsNumber, IsPositive, IsString, Length } from 'class-validator';
import { ExtractJwt, Strategy } from 'passport-jwt';
import {
  Column,
  CreateDateColumn,
  Entity,
  Index,
  PrimaryGeneratedColumn,
  Repository,
  UpdateDateColumn,
} from 'typeorm';

interface AuthenticatedRequest {
  readonly user: { readonly id: number };
}

/** Its columns have the names of the response, so it is returned as it is. */
@Entity('orders')
@Index(['user_id', 'created_at', 'id'])
class Order {
  @PrimaryGeneratedColumn()
  id: number;

  @Column()
  user_id: number;

  @Column()
  product_name: string;

  @Column()
  amount_minor: number;

  @Column({ default: 'pending' })
  status: string;

  @Column({ default: 0 })
  attempts: number;

  @Column('text', { nullable: true })
  failure_reason: string | null;

  @Column('text', { nullable: true })
  cancel_reason: string | null;

  @CreateDateColumn()
  created_at: Date;

  @UpdateDateColumn()
  updated_at: Date;

  @Column({ nullable: true })
  cancelled_at: Date;

  @Column({ nullable: true })
  completed_at: Date;
}

class PlaceOrderDto {
  @IsString()
  @Length(1, 200)
  product_name: string;

  @IsNumber({ maxDecimalPlaces: 2 })
  @IsPositive()
  amount: number;
}

@Injectable()
class JwtStrategy extends PassportStrategy(Strategy) {
  constructor() {
    super({
      jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
      ignoreExpiration: false,
      secretOrKey: process.env['JWT_SECRET'] ?? '',
    });
  }

  validate({ sub }: { readonly sub: string }): AuthenticatedRequest['user'] {
    return { id: Number(sub) };
  }
}

@Injectable()
class OrdersService {
  constructor(@InjectRepository(Order) private readonly orders: Repository<Order>) {}

  place(user_id: number, { product_name, amount }: PlaceOrderDto): Promise<Order> {
    const order = { user_id, product_name, amount_minor: Math.round(amount * 100) };
    return this.orders.save(this.orders.create(order));
  }

  async findOne(user_id: number, id: number): Promise<Order> {
    const order = await this.orders.findOneBy({ id, user_id });
    if (!order) throw new NotFoundException();
    return order;
  }

  findNewest(user_id: number): Promise<Order[]> {
    return this.orders.find({
      where: { user_id },
      order: { created_at: 'DESC', id: 'DESC' },
      take: 20,
    });
  }
}

@UseGuards(AuthGuard('jwt'))
@Controller('orders')
class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  place(@Request() { user }: AuthenticatedRequest, @Body() order: PlaceOrderDto): Promise<Order> {
    return this.orders.place(user.id, order);
  }

  @Get()
  async findNewest(@Request() { user }: AuthenticatedRequest): Promise<{ data: Order[] }> {
    return { data: await this.orders.findNewest(user.id) };
  }

  @Get(':id')
  findOne(
    @Request() { user }: AuthenticatedRequest,
    @Param('id', ParseIntPipe) id: number,
  ): Promise<Order> {
    return this.orders.findOne(user.id, id);
  }
}

const { DATABASE_URL: url, DATABASE_PATH: path = '', PORT } = process.env;

const database: TypeOrmModuleOptions = url
  ? { type: 'postgres', url, poolSize: 20 }
  : {
      type: 'better-sqlite3',
      database: path,
      enableWAL: true,
      prepareDatabase: (connection: { pragma(sql: string): void }) => {
        connection.pragma('synchronous = FULL');
      },
    };

@Module({
  imports: [
    PassportModule,
    TypeOrmModule.forRoot({ ...database, entities: [Order], synchronize: true }),
    TypeOrmModule.forFeature([Order]),
  ],
  controllers: [OrdersController],
  providers: [OrdersService, JwtStrategy],
})
class TypicalModule {}

async function serve(): Promise<void> {
  const app = await NestFactory.create(TypicalModule);
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, transform: true }));
  await app.listen(Number(PORT), '127.0.0.1');
}

void serve();
